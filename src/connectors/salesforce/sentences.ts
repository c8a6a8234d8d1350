/** What can be said of Salesforce, or of the way to it, when something did not go well. French: src/cli/locale/salesforce-fr.ts. */
import { type Sentence, type SentenceParams, type Told, teller } from '../../core/told.ts';
import { API_CODES, type Meaning, OAUTH_CODES, OAUTH_DESCRIPTIONS, OTHER_ANSWERS } from './vendor-codes.ts';

const MAP_IT = 'Map the value to one that exists, or add it in Salesforce.';
const CORRECT_IT = 'Correct the value in the other CRM.';
const CANNOT = 'Salesforce cannot take {field}:';
const FIELD_HIDDEN =
  'The field Opportunity.{native} ({field}) does not exist in Salesforce or is hidden from the integration user.';
const PERSON = 'Give the person an active Salesforce user, or map the owner to somebody who has one.';
const NO_KEY = 'Opportunities are to be created in Salesforce, but the field {native}';
const TWICE = 'without it one could be created twice.';
const KEY_REMEDY =
  'Run "oppsync provision" with an administrator (the field must be an external id and unique), or switch creating off.';
const NETWORK = 'Check the network, the proxy and the url in the configuration; see trust.salesforce.com.';
const FORBIDDEN =
  'Run it with a user who has the permission "{permission}", or let an administrator give it for the time being.';
const AGAIN = 'It is tried again by itself.';
const SELECT =
  'In Setup, select Opportunity under Change Data Capture, and let the integration user view opportunities.';

/** What a code means, said of a record or an account where it is about one, with the CRM's own words behind it. */
function framed({ says, remedy }: Pick<Meaning, 'says' | 'remedy'>): Sentence {
  return { message: `[Opportunity {record}: ][Account {account}: ]${says}[: {words}].`, remedy };
}

const OF_ANSWERS: Readonly<Record<string, Sentence>> = Object.fromEntries([
  ...Object.entries(API_CODES).map(([code, meaning]) => [code, framed(meaning)]),
  ...Object.entries(OAUTH_CODES).map(([code, meaning]) => [`login_${code}`, framed(meaning)]),
  ...OAUTH_DESCRIPTIONS.map(({ what, ...meaning }) => [`login_${what}`, framed(meaning)]),
  ...Object.entries(OTHER_ANSWERS).map(([what, meaning]) => [what, framed(meaning)]),
]);

const OWN = {
  // The way to Salesforce
  late: { message: 'Salesforce at {host} gave no complete answer within {seconds} s.', remedy: NETWORK },
  unreachable: { message: 'Salesforce at {host} cannot be reached ({code}).', remedy: NETWORK },
  distrusted: {
    message: 'Salesforce at {host} cannot be reached ({code}).',
    remedy: 'Check the certificate of the host and the certificates this machine trusts.',
  },
  broken: {
    message: 'The connection to Salesforce at {host} broke before the answer was complete ({code}).',
    remedy: NETWORK,
  },
  /** Only its remedy is told, after any of the others. */
  read_back: {
    message: 'It is not known whether Salesforce has carried out the change.',
    remedy: 'Nothing to do: the records are read back before anything else.',
  },
  no_result: {
    message: 'Salesforce did not say what became of opportunity {record}.',
    remedy: 'Nothing to do: the record is read back before anything else.',
  },
  interrupted: { message: 'The run was interrupted before this record was sent.', remedy: 'Run again.' },
  settings: {
    message:
      'The settings of the Salesforce connection are not right.[ Missing: {missing}.][ Unknown: {unknown}.][ Not as expected: {wrong}.]',
    remedy: 'Correct the configuration in these places.',
  },
  private_key: {
    message: 'The private key of the Salesforce connection cannot be used for signing.',
    remedy: 'Give the whole RSA private key in PEM form, with its BEGIN and END lines.',
  },
  no_opportunity: {
    message: 'The Salesforce integration user cannot see opportunities.',
    remedy:
      'Give the integration user read and edit access to the Opportunity object, through a permission set.',
  },
  organization: {
    message: 'The login to Salesforce does not say which org it leads to, which change events need.',
    remedy: 'Log in through the My Domain address of the org.',
  },
  bulk_cut: {
    message: 'Salesforce returned a page of a bulk result that is not whole.',
    remedy: 'Nothing to do: the page is fetched again.',
  },
  bulk_job_ended: {
    message: 'The bulk query of Salesforce ended as {state}[: {words}].',
    remedy: 'Nothing to do: the reading goes on without it.',
  },

  // What Salesforce would refuse, known beforehand
  stage_unknown: { message: `${CANNOT} stage {value} does not exist.`, remedy: MAP_IT },
  stage_inactive: {
    message: `${CANNOT} stage {value} is no longer offered.`,
    remedy: 'Map to an active stage, or activate this one in Salesforce.',
  },
  owner_unknown: { message: `${CANNOT} {value} belongs to no user.`, remedy: PERSON },
  owner_inactive: { message: `${CANNOT} {value} belongs to a user who is not active.`, remedy: PERSON },
  not_a_number: { message: `${CANNOT} {value} is not a number.`, remedy: CORRECT_IT },
  number_does_not_fit: {
    message: `${CANNOT} {value} does not fit {whole} digits and {fraction} decimals.`,
    remedy: CORRECT_IT,
  },
  number_not_exact: {
    message: `${CANNOT} {value} has more digits than the API carries exactly.`,
    remedy: 'Round the amount, or enter it in Salesforce by hand.',
  },
  choice_not_allowed: { message: `${CANNOT} {value} is not one of the allowed values.`, remedy: MAP_IT },
  not_a_date: { message: `${CANNOT} {value} is not a date Salesforce can hold.`, remedy: CORRECT_IT },
  not_a_moment: { message: `${CANNOT} {value} is not a date and time.`, remedy: CORRECT_IT },
  not_a_boolean: { message: `${CANNOT} {value} is neither true nor false.`, remedy: CORRECT_IT },
  currency_not_allowed: {
    message: `${CANNOT} the org has a single currency[ ({currency})], not {value}.`,
    remedy: 'Enable multiple currencies in Salesforce, or exclude deals in other currencies.',
  },
  field_missing: {
    message: `${CANNOT} the field does not exist or is hidden from the integration user.`,
    remedy: 'Provision the field and grant access to it, or take it out of the configuration.',
  },
  field_read_only: {
    message: `${CANNOT} the integration user cannot edit {native}.`,
    remedy: 'Grant edit access to {native} by permission set, or do not sync the field.',
  },
  required: {
    message: `${CANNOT} Salesforce does not let it be blank.`,
    remedy: 'Fill it in the other CRM.',
  },
  too_long: {
    message: `${CANNOT} the text is longer than {most} characters.`,
    remedy: 'Shorten it in the other CRM.',
  },
  number_too_long: {
    message: 'Salesforce: a roll-up of account {account} has more digits than a number field keeps.',
    remedy: 'Look at the amounts of its opportunities: one of them is probably not meant.',
  },

  // What is missing in the org
  hidden_standard: {
    message: FIELD_HIDDEN,
    remedy: 'Grant read and edit access to the field by permission set (field-level security).',
  },
  hidden_owned: {
    message: FIELD_HIDDEN,
    remedy:
      'Run "oppsync provision" with an administrator, then grant the integration user access to the field by permission set.',
  },
  hidden_named: {
    message: FIELD_HIDDEN,
    remedy: 'Correct the API name in the configuration, or grant the integration user access to the field.',
  },
  uneditable: {
    message: 'The Salesforce integration user cannot edit the field Opportunity.{native} ({field}).',
    remedy: 'Grant edit access to {native} by permission set, or do not sync the field.',
  },
  stages_unread: {
    message: 'Salesforce: the stages cannot be read, so stages are judged without them ({code}).',
    remedy: 'Give the integration user read access to the object OpportunityStage, through a permission set.',
  },
  users_unread: {
    message: 'Salesforce: the users cannot be read, so owners cannot be written ({code}).',
    remedy: 'Give the integration user read access to the object User, through a permission set.',
  },
  record_type_unread: {
    message:
      'What the Salesforce record type "{label}" offers cannot be read, so values are sent without checking it ({code}).',
    remedy: 'Give the integration user access to the record type, or set recordTypes: ignore for this sync.',
  },
  proof_hidden: {
    message:
      'The Salesforce integration user cannot see the object {object}, so that it proves nothing, neither yes nor no.',
    remedy:
      'Give the integration user access to {object} where your org uses it; the rest is read all the same.',
  },
  contact_hidden: {
    message:
      'The Salesforce integration user cannot see the object {object}, so that contact is not evidenced by it.',
    remedy:
      'Give the integration user access to activities and the fields of {object}, or set evidence.activities to off.',
  },
  account_hidden: {
    message:
      'Salesforce: this user does not see the account of opportunities (AccountId), so that nothing is rolled up.',
    remedy:
      'Give the user read permission on Account Name of Opportunity, or switch rollups off for Salesforce.',
  },
  create_not_permitted: {
    message: 'Opportunities are to be created in Salesforce, but its integration user may not create any.',
    remedy: 'Give the user the permission Create on Opportunity by permission set, or switch creating off.',
  },
  key_missing: {
    message: `${NO_KEY} does not exist or is hidden from the integration user; ${TWICE}`,
    remedy: KEY_REMEDY,
  },
  key_not_unique: { message: `${NO_KEY} is not a unique external id; ${TWICE}`, remedy: KEY_REMEDY },
  key_uneditable: {
    message: `${NO_KEY} cannot be edited by the integration user; ${TWICE}`,
    remedy: KEY_REMEDY,
  },

  // Making our own fields
  field_not_unique: {
    message: 'Salesforce: {native} exists but is not unique, so it cannot keep pairs apart.',
    remedy: 'Make it unique in the object manager, or rename it and run oppsync provision again.',
  },
  field_no_number: {
    message: 'Salesforce: {native} exists but is no number field.',
    remedy: 'Make it one in the object manager, or rename it and run oppsync provision again.',
  },
  not_granted: {
    message: 'Salesforce: access to {native} could not be granted ({code}).',
    remedy: 'The user needs "Manage Profiles and Permission Sets"; then run oppsync provision again.',
  },
  may_not_permit: {
    message: 'Salesforce: this user may not create and assign a permission set ({code}).',
    remedy: FORBIDDEN,
  },
  may_not_make_fields: {
    message: 'Salesforce: this user may not create custom fields ({code}).',
    remedy: FORBIDDEN,
  },

  // Change events
  events_silent: {
    message: '{host} has sent nothing for minutes, not even a sign of life.',
    remedy: AGAIN,
  },
  events_broken: { message: 'The stream of change events from {host} broke off.', remedy: AGAIN },
  events_position: {
    message: 'Salesforce does not know the place in its change events any more that was reached last.',
    remedy: 'Nothing has to be done: what changed meanwhile is read.',
  },
  events_used_up: {
    message: 'The org has used up the change events it may be sent in 24 hours.',
    remedy: 'It goes on by itself; other subscribers of this org use the same allowance.',
  },
  events_not_selected: {
    message: 'Salesforce does not let this user follow changes of opportunities.',
    remedy: SELECT,
  },
  events_later: { message: '{host} asks to come back later for change events.', remedy: AGAIN },
  events_unreachable: {
    message: '{host} cannot be reached for change events.',
    remedy: 'It is tried again by itself; if it stays, check that this machine may reach it over HTTP/2.',
  },
  events_ended: { message: '{host} ended the stream of change events ({code}).', remedy: AGAIN },
} as const satisfies Readonly<Record<string, Sentence>>;

/** All of them, by name. */
export const SALESFORCE_SENTENCES: Readonly<Record<string, Sentence>> = { ...OF_ANSWERS, ...OWN };

export type SalesforceSentence = keyof typeof OWN;

/** Tells one of them. */
export const told = teller<SalesforceSentence>('salesforce', OWN);

const tellAnswer = teller<string>('salesforce', SALESFORCE_SENTENCES);

/** Tells what an answer of Salesforce means: `what` names the meaning in the tables of vendor codes. */
export function toldOfAnswer(what: string, params: SentenceParams): Told {
  return tellAnswer(what, params);
}

/** The same sentence with other parameters; undefined for one that is not of Salesforce. */
export function toldAgain(says: string, params: SentenceParams): Told | undefined {
  const what = says.slice('salesforce.'.length);
  return Object.hasOwn(SALESFORCE_SENTENCES, what) ? tellAnswer(what, params) : undefined;
}
