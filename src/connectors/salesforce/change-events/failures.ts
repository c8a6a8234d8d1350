/** What a failed call of the Pub/Sub API means: its status, and Salesforce's own code in the trailers. */
import { type ServiceError, status } from '@grpc/grpc-js';
import { POSITION_LOST } from '../../../core/change-stream-port.ts';
import { type ErrorDetails, OppsyncError } from '../../../core/errors.ts';

const FAMILY = 'sfdc.platform.eventbus.grpc.';
const SELECT =
  'In Setup, select Opportunity under Change Data Capture, and let the integration user view opportunities.';

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
  if (silent)
    return failure('retry', 'silent', `${host} has sent nothing for minutes, not even a sign of life.`);
  if (!isServiceError(error))
    return failure('retry', 'broken', `The stream of change events from ${host} broke off.`, {
      cause: error,
    });
  const code = vendorCode(error);
  if (/(^|\.)replayid\./.test(code))
    return new OppsyncError({
      recovery: 'retry',
      code: POSITION_LOST,
      message: 'Salesforce does not know the place in its change events any more that was reached last.',
      remedy: 'Nothing has to be done: what changed meanwhile is read.',
      crm: 'salesforce',
    });
  const named = code === '' ? (status[error.code] ?? String(error.code)) : FAMILY + code;
  if (code.includes('limit.exceeded'))
    return failure('wait', named, 'The org has used up the change events it may be sent in 24 hours.', {
      remedy: 'It goes on by itself; other subscribers of this org use the same allowance.',
    });
  switch (error.code) {
    case status.PERMISSION_DENIED:
    case status.NOT_FOUND:
      return failure('fix', named, 'Salesforce does not let this user follow changes of opportunities.', {
        remedy: SELECT,
      });
    case status.RESOURCE_EXHAUSTED:
      return failure('wait', named, `${host} asks to come back later for change events.`);
    case status.UNAVAILABLE:
    case status.DEADLINE_EXCEEDED:
      return failure('retry', named, `${host} cannot be reached for change events.`, {
        remedy: 'It is tried again by itself; if it stays, check that this machine may reach it over HTTP/2.',
        unreachable: true,
      });
    default:
      return failure('retry', named, `${host} ended the stream of change events (${named}).`);
  }
}

/** The topic is there and says itself that this user may not follow it. */
export function notSelected(): OppsyncError {
  return failure(
    'fix',
    'topic.closed',
    'Salesforce does not let this user follow changes of opportunities.',
    {
      remedy: SELECT,
    },
  );
}

function failure(
  recovery: ErrorDetails['recovery'],
  code: string,
  message: string,
  more: Partial<ErrorDetails> = {},
): OppsyncError {
  const remedy = 'It is tried again by itself.';
  return new OppsyncError({
    recovery,
    code: `salesforce.${code}`,
    message,
    remedy,
    crm: 'salesforce',
    ...more,
  });
}
