/** What can be said when a command or a run cannot go on, by its stable code. French: src/cli/locale/faults-fr.ts. */
import { type Sentence, type SentenceParams, type Told, teller } from './told.ts';

const NEW_PLAN = 'make a new one with `oppsync plan` and apply its digest';
const ITS_PROGRESS = 'wait for it to end; `oppsync runs` shows its progress';
const AGAIN = 'run it again; what was done stays done';
const RUNS = '`oppsync runs` lists the runs and what they wrote';
const OWN_DATABASE = 'or give DATABASE_URL to use a PostgreSQL of your own.';

export const FAULT_SENTENCES = {
  // Plans and runs
  'plan.unknown': { message: 'there is no plan {digest}', remedy: 'make one with `oppsync plan`' },
  'plan.digest_too_short': {
    message: 'plan {digest} cannot be applied: a digest has at least {least} characters',
    remedy: NEW_PLAN,
  },
  'plan.none': {
    message: 'plan {digest} cannot be applied: sync {sync} has no plan with this digest',
    remedy: NEW_PLAN,
  },
  'plan.applied': {
    message: 'plan {digest} cannot be applied: it has been applied already',
    remedy: NEW_PLAN,
  },
  'plan.superseded': {
    message: 'plan {digest} cannot be applied: a newer plan has taken its place',
    remedy: NEW_PLAN,
  },
  'plan.expired': { message: 'plan {digest} cannot be applied: it has expired', remedy: NEW_PLAN },
  'run.going_on': {
    message: 'sync {sync} is already running (run {run}, started by {by})',
    remedy: ITS_PROGRESS,
  },
  'run.pairs_meanwhile': {
    message: 'sync {sync} is running (run {run}, started by {by}); pairs cannot be changed meanwhile',
    remedy: 'wait for it to end, then decide again',
  },
  'run.started_elsewhere': {
    message: 'a run of sync {sync} was started elsewhere at this very moment',
    remedy: ITS_PROGRESS,
  },
  'run.internal': {
    message: 'a fault of oppsync: {words}',
    remedy: 'see the log of the process that started it',
  },
  'run.failed': { message: 'run {run} failed', remedy: AGAIN },
  'run.interrupted': {
    message: 'run {run} was ended by another process before it was done',
    remedy: AGAIN,
  },
  'undo.nothing': { message: 'run {run} wrote nothing that could be taken back', remedy: RUNS },
  'undo.unknown_run': { message: 'sync {sync} has no run {run}', remedy: RUNS },
  'conflict.unknown': {
    message: 'there is no open conflict {id}',
    remedy: '`oppsync conflicts` lists them',
  },
  'conflict.use': { message: 'no side is called {use}', remedy: 'use one of: {sides}' },
  'conflict.deleted': {
    message: '{field} of {name}: one of the two records was deleted and is never made again',
    remedy: 'restore it in its CRM, delete the other one too, or keep them apart with `oppsync pair apart`',
  },
  'conflict.stage_value': {
    message: '{field} of {name}: a stage has another key in each CRM',
    remedy: 'say which side is right: --use {sides}',
  },
  'quarantine.unknown': {
    message: 'record {id} is not in quarantine',
    remedy: '`oppsync quarantine` lists those that are',
  },

  // What a CRM lacks
  'create.not_possible': {
    message: 'records cannot be created in {crm}',
    remedy: "take {side} out of the sync's create settings",
  },
  'create.no_key_field': {
    message: 'records are to be created in {to}, but {crm} has no pair key field that can be written',
    remedy: 'make the fields oppsync owns with `oppsync provision`, or switch creating off',
  },
  'stage.unreadable': {
    message: '{crm} does not show the stage of its records',
    remedy: 'give the {crm} user read permission on the stage',
  },

  // Allowances
  'quota.cannot_fit': {
    message:
      'the run needs about {needed} {crm} calls and {left} are left ({used} of {limit} are used, {reserve} % are kept for others)',
    remedy: 'start it after {when} UTC, or set a smaller `reserve` on this connection',
  },
  'quota.daily': {
    message:
      'the {crm} calls of the day are used up ({used} of {limit}, {reserve} % are left to others); the run rests and can go on at {when} UTC',
    remedy:
      'start the same run again after that: it goes on where it stopped; or set a smaller `reserve` on this connection',
  },
  'quota.never_fits': {
    message:
      'the run needs about {needed} {crm} calls, more than a whole day allows ({limit}, of which {reserve} % are kept for others)',
    remedy: 'set a smaller `reserve` on this connection, or have the allowance of the account raised',
  },
  'quota.unreachable': {
    message: "the place where all processes share the CRM's allowance cannot be reached: {words}",
    remedy: 'check Redis (REDIS_URL), or the database when there is none',
  },

  // Configuration
  'config.crm': {
    message: '{path}.crm: oppsync cannot talk to "{found}"',
    remedy: 'use one of: {known}',
  },
  'config.evidence': {
    message:
      '{path}: expected names of evidence, each with a field, or with a field and the values that mean yes.',
    remedy:
      'Write it as contractSigned: Contract_Signed__c, or as paid: {field: Payment_Status__c, yes: [Paid]}.',
  },
  'config.rollup_rates': {
    message: 'the rate table of roll-ups, {file}, cannot be read ({reason})',
    remedy: 'set rollupRates.file to a file with date,currency,rate, or take rollupRates out',
  },
  'profile.unreadable': {
    message: 'The profile {file} cannot be read ({reason}).',
    remedy: 'Correct the path; it is looked for from {folder}.',
  },
  'profile.unknown': {
    message: 'There is no profile called "{name}"[; did you mean {near}?]',
    remedy: 'Use one of {known}, or the path of a file that ends in .yaml.',
  },

  // The machine: port, queue, database
  'http.EADDRINUSE': {
    message: 'port {port} on {host} is occupied',
    remedy: 'stop the program that uses it, or choose another port with http.port or OPPSYNC_HTTP_PORT',
  },
  'http.EACCES': {
    message: 'port {port} on {host} may not be used by this user',
    remedy: 'choose a port above 1023 with http.port or OPPSYNC_HTTP_PORT',
  },
  'http.EADDRNOTAVAIL': {
    message: '{host} is not an address of this machine',
    remedy: 'set http.host to an address of this machine, or to 0.0.0.0 for all',
  },
  'http.listen': {
    message: 'cannot listen on {host}:{port} ({reason})',
    remedy: 'check http.host and http.port',
  },
  'queue.url': {
    message: 'REDIS_URL is not a Redis address.',
    remedy: 'Write it as redis://user:password@host:port/0.',
  },
  'queue.evicts': {
    message: 'Redis at {where} may throw jobs away when its memory is full (maxmemory-policy {policy}).',
    remedy: 'Set "maxmemory-policy noeviction" in redis.conf, or use a Redis of its own for oppsync.',
  },
  'queue.unreachable': {
    message: 'The queue at {where} cannot be reached: {words}.',
    remedy:
      'Check that it runs and that this machine may connect to it (REDIS_URL, or DATABASE_URL when there is none).',
  },
  'database.url': {
    message: 'DATABASE_URL is not a PostgreSQL address.',
    remedy: 'Write it as postgres://user:password@host:port/database.',
  },
  'database.version': {
    message: 'The database at {where} is PostgreSQL {version}; oppsync needs {oldest} or newer.',
    remedy: 'Upgrade it, or remove DATABASE_URL to use the embedded database.',
  },
  'database.refused': {
    message: 'The database at {where} refused the connection: {words}.',
    remedy: 'Check user, password and database name in DATABASE_URL.',
  },
  'database.unreachable': {
    message: 'The database at {where} cannot be reached: {words}.',
    remedy: 'Check that it runs and that this machine may connect to it (DATABASE_URL).',
  },
  'database.lost': {
    message: 'The database cannot be reached any more: {words}.',
    remedy: 'Check that it runs; oppsync goes on where it stopped.',
  },
  'database.full': {
    message: 'The disk of the database is full: {words}.',
    remedy: 'Make room on it; oppsync goes on where it stopped.',
  },
  'database.newer': {
    message: 'The database was brought to {reached} by a newer oppsync; this one knows {known} migrations.',
    remedy: 'Run the newer oppsync; going back means restoring a backup made by this version.',
  },
  'database.migration-edited': {
    message: 'Migration {file} differs from the one this database was made with ({row}).',
    remedy: 'Restore the file as released; a change of tables goes into a new file with the next number.',
  },
  'database.migration-name': {
    message: 'Migration file {file} should be number {wanted}, written as 0001_name.sql.',
    remedy: 'Number the files without gaps or repetitions.',
  },
  'database.initdb': {
    message: 'The embedded database could not be created in {folder}: {words}',
    remedy: `Mend the cause named by the database, ${OWN_DATABASE}`,
  },
  'database.made_by_other': {
    message: 'The data in {folder} was made by PostgreSQL {made}; this oppsync brings PostgreSQL {brought}.',
    remedy:
      'Go on with the oppsync that made it, or write its data out with the pg_dump of PostgreSQL {made} and read them into an empty database given with DATABASE_URL.',
  },
  'database.folder': {
    message: 'The folder of the embedded database cannot be used: {words}',
    remedy: 'Set OPPSYNC_DATA_DIR to a folder you may write to, or give DATABASE_URL.',
  },
  'database.locked': {
    message:
      'The embedded database is being started or stopped by {who}, and has been for too long ({path}).',
    remedy: 'Wait for that process, or end it and try again.',
  },
  'database.start': {
    message: 'The embedded database did not start ({reason}): {words}',
    remedy: `See {file}; mend the cause, ${OWN_DATABASE}`,
  },
  'database.in_use': {
    message: 'The embedded database in {folder} could not be started: its folder or port stays in use.',
    remedy: `See {file} for who holds it, ${OWN_DATABASE}`,
  },
  'database.not-installed': {
    message: 'No PostgreSQL is installed for this system ({name}).',
    remedy: `Run npm ci with optional dependencies, ${OWN_DATABASE}`,
  },
  'database.no-account': {
    message:
      'The embedded database cannot run as root, and this system has neither a "postgres" nor a "nobody" account.',
    remedy: 'Run oppsync as an ordinary user, or give DATABASE_URL.',
  },
  'database.copy': {
    message: 'The database program could not be copied to {to}: {words}',
    remedy: 'Make {folder} writable, run oppsync as an ordinary user, or give DATABASE_URL.',
  },
  'rules.invalid': {
    message: 'The rule file {file} cannot be used.',
    remedy: 'Correct {file}, then try again with oppsync classify --profile.',
  },
  'dictionary.json': {
    message: '{file} is not valid JSON ({words}).',
    remedy: 'Close every quote and bracket, and separate entries by commas.',
  },
  'dictionary.key': { message: '{file}: unknown key {key}.', remedy: 'Use one of {known}.' },
  'dictionary.language': {
    message: '{file}: language must be a code.',
    remedy: 'Write it as "language": "fr".',
  },
  'dictionary.accents': {
    message: '{file}: accents must be "fold" or "keep".',
    remedy: 'Write "fold" where é may be written e, and "keep" where that makes another word.',
  },
  'dictionary.phase': {
    message: '{file}: {key} has no phase {phase}.',
    remedy: 'Use one of {known}.',
  },
  'dictionary.object': {
    message: '{file}: {key} must be an object.',
    remedy: 'Write it in braces, as in {"words": ["won"]}.',
  },
  'dictionary.list': {
    message: '{file}: {key} must be a list of texts.',
    remedy: 'Write it in brackets, each text in quotes, as in ["won", "signed"].',
  },
  'rule.failed': {
    message: 'Rule {rule} of profile {profile} failed on this record: {words}.',
    remedy: 'Correct the condition `{condition}`, then replay the quarantined records.',
  },
} as const satisfies Readonly<Record<string, Sentence>>;

export type FaultName = keyof typeof FAULT_SENTENCES;

const tell = teller<FaultName>('fault', FAULT_SENTENCES);

/** A fault of this name: its code, unless the caller gives another one, with its sentence and remedy. */
export function faultOf(what: FaultName, params: SentenceParams = {}): Told & { readonly code: string } {
  return { code: what, ...tell(what, params) };
}
