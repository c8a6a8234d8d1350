import picocolors from 'picocolors';
import type { Environment } from '../../config/environment.ts';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for one stream: only on a terminal, never when NO_COLOR is set or the terminal is dumb. */
export function coloursFor(isTerminal: boolean, env: Environment): Colours {
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return picocolors.createColors(isTerminal && !refused);
}
