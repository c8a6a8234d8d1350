import { runRole } from './run-role.ts';

/** Takes jobs of every queue: pull, reconcile, push and measure. */
await runRole('work', ['workers']);
