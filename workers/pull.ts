import { runRole } from './run-role.ts';

/** Reads both CRMs. */
await runRole('pull', ['workers'], 'pull');
