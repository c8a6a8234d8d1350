import { runRole } from './run-role.ts';

/** Every role in one process. */
await runRole('all', ['web', 'workers', 'scheduler']);
