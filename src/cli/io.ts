import { once } from 'node:events';

/** Where a command's words go. Results to `out`, everything for people to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** Resolves once the reader of `out` has kept up: whoever writes much waits for it, or it all stays in memory. */
  caughtUp(): Promise<void>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of the terminal behind `out`; where there is none, what COLUMNS says, or 100. */
  readonly columns: number;
}

/** Standard output and error of this process. A reader that goes away (`| head`) ends the process quietly. */
export function processIo(env: Readonly<Record<string, string | undefined>>): Io {
  const asked = /^\d{2,4}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : 100;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    caughtUp: async () => {
      if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
    },
    outIsTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns || asked,
  };
}
