import { runRole } from './run-role.ts';

/** Ends runs and computes metrics. */
await runRole('measure', ['workers'], 'measure');
