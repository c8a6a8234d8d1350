import { runRole } from './run-role.ts';

/** Pairs and decides. */
await runRole('reconcile', ['workers'], 'reconcile');
