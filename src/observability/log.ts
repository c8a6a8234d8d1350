import { Writable } from 'node:stream';
import winston from 'winston';
import type { Log } from '../core/ports.ts';
import { redact } from './redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes one line with its newline; default: standard error. */
  readonly write?: (line: string) => void;
  /** Fields on every line. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/**
 * A log of JSON lines, `{"at","level","message",…fields}`: constant messages, facts in fields, secrets taken out.
 * Fields given to `child` correlate the lines of one run, job or request.
 */
export function createLog(options: LogOptions): Log {
  const write = options.write ?? ((line: string): void => void process.stderr.write(line));
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      write(String(chunk));
      done();
    },
  });
  const line = winston.format.printf(({ level, message, ...fields }) => {
    const { at, ...rest } = fields as Record<string, unknown>;
    return JSON.stringify({ at, level, message, ...(redact(rest) as Record<string, unknown>) });
  });
  const logger = winston.createLogger({
    level: options.level,
    format: winston.format.combine(
      winston.format((info) => Object.assign(info, { at: new Date().toISOString() }))(),
      line,
    ),
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
  });
  return wrap(logger, options.fields ?? {});
}

function wrap(logger: winston.Logger, bound: Readonly<Record<string, unknown>>): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      // A field must not take the place of the line's own parts.
      const { level: level_, message: message_, at: at_, ...rest } = { ...bound, ...fields };
      const kept = {
        ...(level_ === undefined ? {} : { field_level: level_ }),
        ...(message_ === undefined ? {} : { detail: message_ }),
        ...(at_ === undefined ? {} : { field_at: at_ }),
      };
      logger.log({ level, message, ...rest, ...kept });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(logger, { ...bound, ...fields }),
  };
}
