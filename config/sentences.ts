/**
 * The English sentence of every kind of configuration problem. `{name}` stands for a parameter; a part in `[…]` is
 * left out when a parameter in it is missing.
 */
export const SENTENCES = {
  missing_file:
    'no configuration: {file} not found in {dir}; run `oppsync sandbox --write-config oppsync.yaml` to try with simulated CRMs, or copy config/oppsync.example.yaml',
  unreadable_file: 'the file cannot be read ({reason})',
  not_utf8: 'the file is not UTF-8 text',
  yaml: 'this is not valid YAML: {detail}',
  yaml_tab: 'tabs cannot indent YAML; use spaces',
  yaml_duplicate: 'the key {key} is written twice in the same place',
  yaml_unclosed: 'a quote or bracket is opened but never closed',
  missing: 'is missing; expected {expected}',
  wrong_type: 'expected {expected}, found {found}',
  not_allowed: 'expected one of {expected}, found {found}[; did you mean {near}?]',
  unknown_key: 'unknown key {key}[; did you mean {near}?][ (known here: {known})]',
  range: 'expected {expected}, found {found}',
  wrong_count: 'expected exactly two connections, found {found}',
  unknown_connection: 'no connection is called {found}[; did you mean {near}?][ (connections: {known})]',
  same_crm: 'both connections are {crm} accounts; a sync pairs two different CRMs',
  unknown_side: '{found} is not a CRM of this sync; expected one of {expected}',
  custom_kind: 'a custom field needs a kind: one of {expected}',
  custom_native: 'a custom field needs its native name in {crm}, for example native: { {crm}: … }',
  standard_native: 'a standard field takes no {key}; its name in each CRM is known',
  time_zone: 'expected an IANA time zone such as Europe/Paris, found {found}',
  cron: 'expected a cron pattern of five parts such as "0 2 * * *", found {found}',
  address: 'expected an address such as {expected}',
  variable_missing: 'the environment variable {name} is not set',
  variable_file: 'the file named by {name} cannot be read ({reason})',
  variable_twice: 'both {name} and {name}_FILE are set; keep one of them',
  unknown_variable: 'the environment variable {name} names no setting[; did you mean {near}?]',
} as const;

export type ProblemCode = keyof typeof SENTENCES;

/** Fills a template: `{name}` from `params`; `[…]` parts that name a missing parameter are dropped. */
export function fill(template: string, params: Readonly<Record<string, string>>): string {
  const kept = template.replace(/\[([^\]]*\{(\w+)\}[^\]]*)\]/g, (_all, part: string, name: string) =>
    params[name] === undefined ? '' : part,
  );
  return kept.replace(/\{(\w+)\}/g, (all, name: string) => params[name] ?? all);
}

/** One English sentence for a problem. */
export function sentenceOf(code: ProblemCode, params: Readonly<Record<string, string>>): string {
  return fill(SENTENCES[code], params);
}
