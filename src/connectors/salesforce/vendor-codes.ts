import type { Recovery } from '../../core/errors.ts';

/** What a vendor code means to us: what to do, what to say, what a person can do. */
export interface Meaning {
  readonly recovery: Recovery;
  readonly says: string;
  readonly remedy: string;
}

const ASK_ADMIN_FIELD =
  'Grant the integration user read and edit access to the field (permission set, field-level security), or take the field out of the configuration.';
const SHORTEN = 'Correct the value in the other CRM or the mapping, then replay the record.';

/** Codes of the REST API: `errorCode` of a refused call, `statusCode` of a refused row (Salesforce REST API guide). */
export const API_CODES = {
  INVALID_SESSION_ID: {
    recovery: 'stop',
    says: 'Salesforce does not accept the access token, not even a fresh one',
    remedy:
      'Check the session policy, the IP restrictions and the API permission of the app and of its user.',
  },
  API_DISABLED_FOR_ORG: {
    recovery: 'stop',
    says: 'the API is not enabled for this org or this user',
    remedy: 'Use an edition with API access and give the integration user the "API Enabled" permission.',
  },
  API_CURRENTLY_DISABLED: {
    recovery: 'stop',
    says: 'the API is switched off for the integration user',
    remedy: 'Give the integration user the "API Enabled" permission.',
  },
  INSUFFICIENT_ACCESS: {
    recovery: 'stop',
    says: 'the integration user may not do this',
    remedy: 'Give the integration user read and edit access to Opportunity.',
  },
  INVALID_TYPE: {
    recovery: 'stop',
    says: 'the integration user cannot see an object',
    remedy: 'Give the integration user read access to the object named, through a permission set.',
  },
  INVALID_FIELD: { recovery: 'fix', says: 'a field does not exist or is hidden', remedy: ASK_ADMIN_FIELD },
  MALFORMED_QUERY: {
    recovery: 'fix',
    says: 'a query was not understood',
    remedy: 'Check the field names under customFields and evidence in the configuration.',
  },
  UNSUPPORTED_API_VERSION: {
    recovery: 'fix',
    says: 'this API version is not served',
    remedy: 'Set apiVersion to a version the org supports, for example 66.0.',
  },
  QUERY_TIMEOUT: {
    recovery: 'retry',
    says: 'a query took too long',
    remedy: 'Run again when the org is less busy; narrow the reading if it persists.',
  },
  QUERY_TOO_COMPLICATED: {
    recovery: 'fix',
    says: 'a query reads too many formula fields at once',
    remedy: 'Take formula fields out of customFields or evidence.',
  },
  EXCEEDED_ID_LIMIT: {
    recovery: 'retry',
    says: 'too many records changed in one window',
    remedy: 'Run a full reading instead of an incremental one.',
  },
  INVALID_QUERY_LOCATOR: {
    recovery: 'retry',
    says: 'a half-read result is no longer kept',
    remedy: 'Nothing to do: the reading resumes after the last record it has.',
  },
  INVALID_REPLICATION_DATE: {
    recovery: 'retry',
    says: 'a time window was refused',
    remedy: 'Check the clock of this machine.',
  },
  SERVER_UNAVAILABLE: {
    recovery: 'retry',
    says: 'Salesforce is too busy to answer',
    remedy: 'Run again later; see trust.salesforce.com.',
  },
  UNKNOWN_EXCEPTION: {
    recovery: 'retry',
    says: 'Salesforce failed inside',
    remedy: 'Run again; give the ErrorId in the message to Salesforce support if it persists.',
  },
  TXN_SECURITY_METERING_ERROR: {
    recovery: 'retry',
    says: 'the transaction security check was not available',
    remedy: 'Run again later.',
  },
  UNABLE_TO_LOCK_ROW: {
    recovery: 'retry',
    says: 'the record or its account stayed locked by another transaction',
    remedy: 'Run again; find out which automation holds the lock if it persists.',
  },
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: {
    recovery: 'skip',
    says: 'a trigger or flow of the org failed',
    remedy: 'Show the message to the person who maintains the automation, then replay the record.',
  },
  FIELD_CUSTOM_VALIDATION_EXCEPTION: {
    recovery: 'skip',
    says: 'a validation rule refused the change',
    remedy: 'Satisfy the rule in Salesforce or exempt the integration user, then replay the record.',
  },
  REQUIRED_FIELD_MISSING: {
    recovery: 'skip',
    says: 'a required field is blank',
    remedy: 'Fill the field in Salesforce, then replay the record.',
  },
  STRING_TOO_LONG: { recovery: 'skip', says: 'a text is too long', remedy: SHORTEN },
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: {
    recovery: 'skip',
    says: 'a value is not in the restricted list',
    remedy: 'Add the value to the picklist (and to the record type), or map it to one that exists.',
  },
  INVALID_FIELD_FOR_INSERT_UPDATE: {
    recovery: 'skip',
    says: 'a field cannot be written',
    remedy: ASK_ADMIN_FIELD,
  },
  NUMBER_OUTSIDE_VALID_RANGE: { recovery: 'skip', says: 'a number is out of range', remedy: SHORTEN },
  INVALID_CROSS_REFERENCE_KEY: {
    recovery: 'skip',
    says: 'a referenced record does not exist or cannot be seen',
    remedy: 'Check the owner and the record type of the opportunity, then replay the record.',
  },
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: {
    recovery: 'skip',
    says: 'the integration user may not use a referenced record',
    remedy: 'Share the record (owner, account) with the integration user, then replay.',
  },
  INSUFFICIENT_ACCESS_OR_READONLY: {
    recovery: 'skip',
    says: 'the integration user may not edit this record',
    remedy: 'Share the opportunity with the integration user for editing, then replay the record.',
  },
  INACTIVE_OWNER_OR_USER: {
    recovery: 'skip',
    says: 'the owner is not an active user',
    remedy: 'Give the opportunity an active owner, or map the owner to one, then replay the record.',
  },
  DUPLICATE_VALUE: {
    recovery: 'skip',
    says: 'another record already holds a value that must be unique',
    remedy: 'Find the other record named in the message; uncouple one of the two, then replay.',
  },
  DUPLICATES_DETECTED: {
    recovery: 'skip',
    says: 'a duplicate rule refused the change',
    remedy: 'Resolve the duplicate in Salesforce or let the integration user pass the rule, then replay.',
  },
  MALFORMED_ID: {
    recovery: 'skip',
    says: 'an id is not valid',
    remedy: 'Uncouple the pair and pair it again.',
  },
  ENTITY_IS_DELETED: {
    recovery: 'gone',
    says: 'the record was deleted',
    remedy: 'Restore it from the recycle bin, or let the pair end.',
  },
  NOT_FOUND: {
    recovery: 'gone',
    says: 'the record does not exist or is not shared with the integration user',
    remedy: 'Check the sharing of the record; let the pair end if it was deleted.',
  },
} satisfies Readonly<Record<string, Meaning>>;

/** `error` of the token endpoint. Where the description decides, see {@link OAUTH_DESCRIPTIONS}. */
export const OAUTH_CODES = {
  invalid_client_id: {
    recovery: 'stop',
    says: 'Salesforce does not know the client id',
    remedy: 'Copy the consumer key of the External Client App again; a new app needs up to ten minutes.',
  },
  invalid_client: {
    recovery: 'stop',
    says: 'Salesforce refused the client id or the client secret',
    remedy: 'Copy the consumer key and secret of the External Client App again.',
  },
  invalid_grant: {
    recovery: 'stop',
    says: 'Salesforce refused the login',
    remedy: 'Check the app, its user and the credentials in the configuration.',
  },
  invalid_request: {
    recovery: 'stop',
    says: 'Salesforce did not accept the login request',
    remedy: 'Use the My Domain URL (https://NAME.my.salesforce.com) as url.',
  },
  unsupported_grant_type: {
    recovery: 'stop',
    says: 'this way of logging in is not enabled for the app',
    remedy: 'Enable the flow in the OAuth settings of the External Client App.',
  },
  inactive_user: {
    recovery: 'stop',
    says: 'the integration user is not active',
    remedy: 'Activate the user, or choose another Run-As user in the app.',
  },
  inactive_org: {
    recovery: 'stop',
    says: 'the org is locked, closed or suspended',
    remedy: 'Ask Salesforce or the owner of the org.',
  },
  rate_limit_exceeded: {
    recovery: 'wait',
    says: 'too many logins of this user in the last hour',
    remedy: 'Wait; find out what else logs in with the same user.',
  },
} satisfies Readonly<Record<string, Meaning>>;

/** Descriptions that say more than the code does: matched in lower case, first match wins. */
export const OAUTH_DESCRIPTIONS: readonly (Meaning & {
  readonly fragment: string;
  readonly what: string;
})[] = [
  {
    fragment: 'no client credentials user',
    what: 'no_run_as_user',
    recovery: 'stop',
    says: 'the app has no user to run as',
    remedy: 'Enable the client-credentials flow in the External Client App and choose a Run-As user.',
  },
  {
    fragment: "hasn't approved this consumer",
    what: 'not_authorised',
    recovery: 'stop',
    says: 'the user is not pre-authorised for the app',
    remedy: 'Set the app to "admin approved users are pre-authorized" and assign the user by permission set.',
  },
  {
    fragment: 'audience',
    what: 'audience',
    recovery: 'stop',
    says: 'the audience of the signed token is not this org',
    remedy: 'Set audience to https://login.salesforce.com, or https://test.salesforce.com for a sandbox.',
  },
  {
    fragment: 'expired access/refresh token',
    what: 'refresh_token_expired',
    recovery: 'stop',
    says: 'the refresh token is no longer valid',
    remedy: 'Authorise the app again and store the new refresh token.',
  },
  {
    fragment: 'locked',
    what: 'user_locked',
    recovery: 'stop',
    says: 'the integration user is locked',
    remedy: 'Unlock the user in Setup.',
  },
  {
    fragment: 'login rate exceeded',
    what: 'too_many_logins',
    recovery: 'wait',
    says: 'too many logins of this user in the last hour',
    remedy: 'Wait; find out what else logs in with the same user.',
  },
  {
    fragment: 'assertion',
    what: 'assertion',
    recovery: 'stop',
    says: 'the signed token was not accepted',
    remedy: 'Check the private key against the certificate in the app, and the clock of this machine.',
  },
  {
    fragment: 'not supported on this domain',
    what: 'my_domain',
    recovery: 'stop',
    says: 'this login is only possible on the My Domain of the org',
    remedy: 'Use the My Domain URL (https://NAME.my.salesforce.com) as url.',
  },
];

/** Answers that are judged by their status, or by more than their code. */
export const OTHER_ANSWERS = {
  concurrent: {
    recovery: 'wait',
    says: 'too many long calls run in this Salesforce org at once',
    remedy: 'Nothing to do unless it persists: then find out which integration makes long calls.',
  },
  day_used_up: {
    recovery: 'stop',
    says: 'the daily number of API calls of this Salesforce org is used up',
    remedy:
      'Wait until calls of the last 24 hours fall out of the count, or buy more; the run resumes where it stopped.',
  },
  row_limit: { recovery: 'retry', says: 'a limit of the org was reached', remedy: 'Run again later.' },
  row_refused: {
    recovery: 'skip',
    says: 'Salesforce refused the change',
    remedy: 'Look the code up in the Salesforce REST API guide, correct the record, then replay it.',
  },
  no_server: {
    recovery: 'retry',
    says: 'no Salesforce server answers for this org',
    remedy: 'Check that the org (a sandbox?) still exists under the url in the configuration.',
  },
  foreign_answer: {
    recovery: 'retry',
    says: 'Salesforce gave an answer that is not one of the API (HTTP {status})',
    remedy: 'Run again later; see trust.salesforce.com. If it persists, check the url in the configuration.',
  },
  call_refused: {
    recovery: 'stop',
    says: 'Salesforce refused a call (HTTP {status})',
    remedy:
      'Look the code up in the Salesforce REST API guide; check the permissions of the integration user.',
  },
} satisfies Readonly<Record<string, Meaning>>;

/** A meaning with the name of its sentence. */
export interface Known {
  readonly what: string;
  readonly recovery: Recovery;
}

/** What a code of the API means; undefined for codes we do not know. */
export function apiMeaning(code: string): Known | undefined {
  return known(API_CODES, code, code);
}

/** What a refused login means: by its description where that says more than the code. */
export function loginMeaning(code: string, description: string): Known {
  const spoken = description.toLowerCase();
  const found = OAUTH_DESCRIPTIONS.find(({ fragment }) => spoken.includes(fragment));
  if (found !== undefined) return { what: `login_${found.what}`, recovery: found.recovery };
  return (
    known(OAUTH_CODES, code, `login_${code}`) ?? { what: 'login_invalid_grant', recovery: 'stop' as const }
  );
}

/** One of the answers that are not judged by their code alone. */
export function otherAnswer(what: keyof typeof OTHER_ANSWERS): Known {
  return { what, recovery: OTHER_ANSWERS[what].recovery };
}

function known(table: Readonly<Record<string, Meaning>>, code: string, what: string): Known | undefined {
  const meaning = Object.hasOwn(table, code) ? table[code] : undefined;
  return meaning === undefined ? undefined : { what, recovery: meaning.recovery };
}
