import { OppsyncError } from '../../core/errors.ts';
import { told } from './sentences.ts';

/** Failures that happen before a byte of the request has left this machine. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Certificate faults: trying again cannot help. */
const NOT_TRUSTED = /^(CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_VERIFY)/;

/** The system's or the HTTP client's code behind a failed fetch, from the chain of causes. */
export function transportCode(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError) {
      const [inner] = at.errors;
      if (inner instanceof Error && 'code' in inner && typeof inner.code === 'string') return inner.code;
    }
  }
  return 'NETWORK';
}

/** True when the request cannot have reached Salesforce. */
export function neverSent(code: string): boolean {
  return NEVER_SENT.has(code) || NOT_TRUSTED.test(code);
}

/** Translates a connection that failed, or one that gave no complete answer in time. `host` is named, never the full URL. */
export function fromTransport(
  error: unknown,
  host: string,
  deadline: { expired: boolean; ms: number },
): OppsyncError {
  const code = deadline.expired ? 'DEADLINE' : transportCode(error);
  const distrusted = NOT_TRUSTED.test(code);
  const what = deadline.expired
    ? 'late'
    : distrusted
      ? 'distrusted'
      : neverSent(code)
        ? 'unreachable'
        : 'broken';
  return new OppsyncError({
    recovery: distrusted ? 'stop' : 'retry',
    code,
    ...told(what, { host, code, seconds: String(deadline.ms / 1000) }),
    crm: 'salesforce',
    unreachable: true,
    cause: error,
  });
}
