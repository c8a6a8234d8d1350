/** What can be said of HubSpot, or of the way to it, when something did not go well. French: src/cli/locale/hubspot-fr.ts. */
import { type Sentence, type SentenceParams, type Told, teller } from '../../core/told.ts';

const UNKNOWN = 'It is not known whether HubSpot has carried out the change:';
const READ_BACK = 'oppsync reads the record back before it does anything else with it.';
const AGAIN = 'oppsync tries again by itself.';
const WAITS = 'oppsync waits and goes on by itself.';
const REFUSED = 'HubSpot refused[ deal {record}][ company {company}]: {words}';
const SHARED = 'Check the network, the proxy and the url of this connection; oppsync tries again by itself.';
const POLICY = 'Let HubSpot win in the policy of this field, or allow editing of the property in HubSpot.';
const NO_KEY = 'Deals are to be created in HubSpot, but the property {native}';
const TWICE = 'without it a deal could be created twice.';
const REMAKE = 'Delete it in HubSpot (its values are oppsync’s own) and run oppsync provision again.';

const SENTENCES = {
  // Access
  credentials: {
    message: 'HubSpot does not accept the credentials of this connection.',
    remedy: 'Enter a valid access token, or connect the HubSpot account again.',
  },
  scopes: {
    message: 'The HubSpot credentials lack a permission: {scopes}.',
    remedy: 'Add the scope {scopes} to the HubSpot app or service key, then try again.',
  },
  permission: {
    message: 'The HubSpot credentials lack a permission ({words}).',
    remedy: 'Add the missing scope to the HubSpot app or service key, then try again.',
  },
  withdrawn: {
    message: 'HubSpot has withdrawn the access that was granted to oppsync.',
    remedy: 'Connect the HubSpot account again.',
  },
  app_credentials: {
    message: "HubSpot does not accept the app's credentials: {words}",
    remedy: 'Check auth.clientId and auth.clientSecret of this connection.',
  },
  no_token: {
    message: 'HubSpot answered the request for an access token without one.',
    remedy: AGAIN,
  },
  settings: {
    message:
      'The settings of the HubSpot connection are not right.[ Missing: {missing}.][ Unknown: {unknown}.][ Not as expected: {wrong}.]',
    remedy: 'Correct the configuration in these places.',
  },

  // The way to HubSpot
  unreachable: { message: 'HubSpot could not be reached ({code}).', remedy: SHARED },
  deadline: {
    message: 'HubSpot did not answer within {ms} ms.',
    remedy: 'oppsync tries again by itself; if it persists, see status.hubspot.com or raise deadlineMs.',
  },
  garbage: { message: 'The answer of HubSpot was cut short.', remedy: AGAIN },
  server: {
    message: 'HubSpot has a fault of its own (HTTP {status}).',
    remedy: 'oppsync tries again by itself; if it persists, see status.hubspot.com.',
  },
  server_support: {
    message: 'HubSpot has a fault of its own (HTTP {status}).',
    remedy: 'oppsync tries again by itself; if it persists, contact HubSpot support.',
  },
  no_progress: {
    message: 'HubSpot announced more deals and returned the same page again.',
    remedy: 'oppsync tries again by itself; nothing was skipped.',
  },

  // Writes whose fate is not known
  unknown_broken: { message: `${UNKNOWN} the connection broke before HubSpot answered.`, remedy: READ_BACK },
  unknown_deadline: { message: `${UNKNOWN} HubSpot did not answer within {ms} ms.`, remedy: READ_BACK },
  unknown_garbage: { message: `${UNKNOWN} the answer of HubSpot was cut short.`, remedy: READ_BACK },
  unknown_fault: { message: `${UNKNOWN} HubSpot reports a fault of its own.`, remedy: READ_BACK },
  unknown_server: {
    message: `${UNKNOWN} HubSpot answered with a fault of its own (HTTP {status}).`,
    remedy: READ_BACK,
  },
  unknown_stopped: {
    message: `${UNKNOWN} oppsync was told to stop before the answer came.`,
    remedy: READ_BACK,
  },
  unknown_unmentioned: { message: `${UNKNOWN} its answer does not mention the deal.`, remedy: READ_BACK },
  unknown_unsent: { message: `${UNKNOWN} it was not sent.`, remedy: READ_BACK },
  not_sent: {
    message: 'oppsync was told to stop before this deal was sent to HubSpot.',
    remedy: 'Run the sync again.',
  },

  // Limits
  locked: { message: 'HubSpot has locked the record for a moment.', remedy: WAITS },
  busy: { message: 'HubSpot could not take this record just now.', remedy: WAITS },
  limit_second: { message: 'The limit of HubSpot per second is used up.', remedy: WAITS },
  limit_ten_seconds: { message: 'The limit of HubSpot per 10 seconds is used up.', remedy: WAITS },
  limit_day: {
    message: "The daily quota of the HubSpot account's API calls is used up.",
    remedy:
      "The quota is renewed at midnight in the account's time zone[, {when} ({zone})]; run the sync again after that, or find which app uses it up.",
  },
  migration: { message: 'HubSpot is moving this account to another data centre.', remedy: WAITS },
  too_long_request: {
    message: 'One request to HubSpot would be too long: too many properties are asked for.',
    remedy: 'Configure fewer custom and evidence fields for this connection.',
  },

  // What HubSpot says of a call or a record
  not_accepted: {
    message: 'HubSpot does not accept what oppsync asks: {words}',
    remedy:
      'Check the custom and evidence fields of this connection; if they are right, report this message.',
  },
  not_there: {
    message: 'HubSpot does not have what oppsync asked for: {words}',
    remedy: 'Check the url of this connection and the age of this version of oppsync.',
  },
  gone: {
    message: '[Deal {record}][Company {company}] does not exist in HubSpot any more.',
    remedy:
      'It was deleted or merged; oppsync does not create it again. Restore it in HubSpot if that was a mistake.',
  },
  refused: {
    message: REFUSED,
    remedy: 'Correct the value in either CRM, then replay the record from quarantine.',
  },
  refused_unique: {
    message: REFUSED,
    remedy:
      'Another deal already holds this value, which must be unique: check whether both are the same deal.',
  },
  refused_property: {
    message: REFUSED,
    remedy:
      'Create the property in HubSpot (`oppsync provision` creates those oppsync owns) or remove it from the configuration.',
  },
  refused_read_only: {
    message: REFUSED,
    remedy: 'HubSpot computes this property: let it win in the policy of this field.',
  },
  refused_option: {
    message: REFUSED,
    remedy: 'Add the option to the property in HubSpot, or map the value in the configuration.',
  },

  // What HubSpot would refuse, known beforehand
  no_property: {
    message: 'HubSpot has no property {native}, which holds the field {field}.',
    remedy: 'Create the property in HubSpot, or correct the configuration.',
  },
  no_property_for: {
    message: 'HubSpot has no property for the field {field}.',
    remedy: 'Create the property in HubSpot, or correct the configuration.',
  },
  read_only: { message: 'The HubSpot property {native} is read-only.', remedy: POLICY },
  too_long: {
    message: 'The value for {native} has {length} characters; HubSpot takes {most}.',
    remedy: 'Shorten the value.',
  },
  unknown_stage: {
    message: 'HubSpot has no deal stage {value} (pipeline id / stage id).',
    remedy: 'Correct the stage map, or create the stage in HubSpot.',
  },
  stage_required: {
    message: 'The stage of a HubSpot deal cannot be cleared.',
    remedy: 'Map the blank stage to a stage, or let blanks be ignored for this field.',
  },
  unknown_owner: {
    message: 'No HubSpot user has the address {value}.',
    remedy: 'Map this owner to another one in the owner table, or set a fallback owner.',
  },
  inactive_owner: {
    message: 'The HubSpot user {value} is deactivated and cannot own deals.',
    remedy: 'Map this owner to another one in the owner table, or set a fallback owner.',
  },
  inactive_currency: {
    message: '{value} is not a currency of this HubSpot account ({allowed}).',
    remedy: 'Add {value} in the HubSpot settings under Account defaults, Currency.',
  },
  no_option: {
    message: 'The HubSpot property {native} has no option {value}.',
    remedy: 'Add the option to the property in HubSpot, or map the value in the configuration.',
  },
  bad_number: {
    message: 'The value for the HubSpot property {native} is not a number.',
    remedy: 'Correct the value in the other CRM.',
  },
  bad_date: {
    message: 'The value for the HubSpot property {native} is not a date (YYYY-MM-DD).',
    remedy: 'Correct the value in the other CRM.',
  },
  bad_moment: {
    message: 'The value for the HubSpot property {native} is not a moment (ISO 8601).',
    remedy: 'Correct the value in the other CRM.',
  },
  bad_boolean: {
    message: 'The value for the HubSpot property {native} is not true or false.',
    remedy: 'Correct the value in the other CRM.',
  },

  // What is missing in the account
  missing_owned: {
    message: 'HubSpot has no deal property {native}, which holds the field {field}.',
    remedy: 'Run `oppsync provision`, which creates it.',
  },
  missing_custom: {
    message: 'HubSpot has no deal property {native}, which holds the field {field}.',
    remedy: 'Create it in HubSpot, or correct customFields.{field}.native.',
  },
  missing_standard: {
    message: 'HubSpot has no deal property {native}, which holds the field {field}.',
    remedy: 'Check that the credentials may see all deal properties.',
  },
  missing_evidence: {
    message: 'HubSpot has no deal property {native}, which the evidence {evidence} is read from.',
    remedy: 'Create it in HubSpot, or correct evidence.{evidence}.',
  },
  unwritable_owned: {
    message: 'The HubSpot deal property {native} is read-only, so the field {field} cannot be written.',
    remedy: 'Allow editing of this property in HubSpot.',
  },
  unwritable: {
    message: 'The HubSpot deal property {native} is read-only, so the field {field} cannot be written.',
    remedy: POLICY,
  },
  time_zone: {
    message: 'The time zone of the HubSpot account is not known here: "{zone}"; dates are read in UTC.',
    remedy: 'Choose another time zone in the HubSpot account settings.',
  },
  rules_unread: {
    message:
      'The rules of the HubSpot pipelines cannot be read, so stages are written without checking them.',
    remedy: 'Give the app the scope {scope}, or set pipelineRules: ignore for this sync.',
  },
  evidence_hidden: {
    message:
      'HubSpot does not show {kind} to oppsync, so that they prove nothing[ (missing scope: {scopes})][: {words}].',
    remedy: 'Grant the app the read scope of {kind}, or leave it: the rest is read all the same.',
  },
  key_missing: {
    message: `${NO_KEY} does not exist; ${TWICE}`,
    remedy: 'Run "oppsync provision", which creates it, or switch creating off.',
  },
  key_not_unique: {
    message: `${NO_KEY} is not unique; ${TWICE}`,
    remedy:
      'Delete it in HubSpot (its values are oppsync’s own), run "oppsync provision" again, or switch creating off.',
  },
  key_read_only: {
    message: `${NO_KEY} is read-only; ${TWICE}`,
    remedy: 'Allow editing of this property in HubSpot, or switch creating off.',
  },
  deal_property_type: {
    message: 'HubSpot: the deal property {native} exists but is of type {found}, not {wanted}.',
    remedy: REMAKE,
  },
  company_property_type: {
    message: 'HubSpot: the company property {native} exists but is of type {found}, not {wanted}.',
    remedy: REMAKE,
  },
  deal_property_not_unique: {
    message: 'HubSpot: the deal property {native} exists but is not unique, so it cannot keep pairs apart.',
    remedy: REMAKE,
  },
  old_position: {
    message: 'The stored {what} of the HubSpot reading is not one of this version of oppsync.',
    remedy: 'Run a full sync, which starts without it.',
  },
} as const satisfies Readonly<Record<string, Sentence>>;

export type HubspotSentence = keyof typeof SENTENCES;

/** The names of all of them. */
export const HUBSPOT_SENTENCES = SENTENCES;

/** Tells one of them. */
export const told = teller<HubspotSentence>('hubspot', SENTENCES);

/** The same sentence with other parameters. */
export function toldAgain(says: string, params: SentenceParams): Told | undefined {
  const what = says.slice('hubspot.'.length);
  return Object.hasOwn(SENTENCES, what) ? told(what as HubspotSentence, params) : undefined;
}
