import { runRole } from './run-role.ts';

/** Starts the nightly runs. */
await runRole('schedule', ['scheduler']);
