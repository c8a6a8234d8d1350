import { runRole } from './run-role.ts';

/** Writes approved plans. */
await runRole('push', ['workers'], 'push');
