import { runRole } from './run-role.ts';

await runRole('web', ['web']);
