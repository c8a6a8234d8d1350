/** What a failed call of the Pub/Sub API means: its status, and Salesforce's own code in the trailers. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { POSITION_LOST } from '../../../core/change-stream-port.ts';
import { type ErrorDetails, OppsyncError } from '../../../core/errors.ts';
import type { Told } from '../../../core/told.ts';
import { told } from '../sentences.ts';

const FAMILY = 'sfdc.platform.eventbus.grpc.';

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'number';
}

/** Salesforce's code without its common beginning, such as `service.auth.error`; empty when it gave none. */
function vendorCode(error: ServiceError): string {
  const trailer = error.metadata?.get('error-code')[0];
  const named = typeof trailer === 'string' ? trailer : '';
  // A proxy may have dropped the trailer; the text repeats the code.
  const found = /sfdc\.platform\.eventbus\.grpc\.([a-z.]{1,80})/.exec(`${named} ${error.details}`);
  return found?.[1]?.replace(/\.$/, '') ?? '';
}

/** The access token was not taken: a newer one may be. */
export function isUnauthenticated(error: unknown): boolean {
  if (!isServiceError(error)) return false;
  return error.code === status.UNAUTHENTICATED || vendorCode(error).startsWith('service.auth.');
}

/** Asked for a schema that is not there, as opposed to not being able to ask. */
export function isNoSuchSchema(error: unknown): boolean {
  if (!isServiceError(error)) return false;
  return error.code === status.NOT_FOUND || error.code === status.INVALID_ARGUMENT;
}

/** As an error of ours; `silent`: nothing was heard for longer than Salesforce ever stays silent. */
export function fromPubSub(error: unknown, host: string, silent = false): OppsyncError {
  if (error instanceof OppsyncError) return error;
  if (silent) return failure('retry', 'silent', told('events_silent', { host }));
  if (!isServiceError(error))
    return failure('retry', 'broken', told('events_broken', { host }), { cause: error });
  const code = vendorCode(error);
  if (/(^|\.)replayid\./.test(code))
    return new OppsyncError({
      recovery: 'retry',
      code: POSITION_LOST,
      ...told('events_position'),
      crm: 'salesforce',
    });
  const named = code === '' ? (status[error.code] ?? String(error.code)) : FAMILY + code;
  if (code.includes('limit.exceeded')) return failure('wait', named, told('events_used_up'));
  switch (error.code) {
    case status.PERMISSION_DENIED:
    case status.NOT_FOUND:
      return failure('fix', named, told('events_not_selected'));
    case status.RESOURCE_EXHAUSTED:
      return failure('wait', named, told('events_later', { host }));
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
      return failure('retry', named, told('events_unreachable', { host }), { unreachable: true });
    default:
      return failure('retry', named, told('events_ended', { host, code: named }));
  }
}

/** The topic is there and says itself that this user may not follow it. */
export function notSelected(): OppsyncError {
  return failure('fix', 'topic.closed', told('events_not_selected'));
}

function failure(
  recovery: ErrorDetails['recovery'],
  code: string,
  what: Told,
  more: Partial<ErrorDetails> = {},
): OppsyncError {
  return new OppsyncError({ recovery, code: `salesforce.${code}`, ...what, crm: 'salesforce', ...more });
}
