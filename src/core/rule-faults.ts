/**
 * What can be wrong in a rule file, by name: what is wrong, then what to write instead. Told to people who write rules and
 * no programs. French: src/cli/locale/rule-faults-fr.ts. Pure.
 */
import { fillIn, type SentenceParams } from './told.ts';

export const RULE_FAULTS = {
  // The file
  too_long: 'a profile may have at most {most} characters; this one has {found}',
  twice: 'profile {name} is there twice; give one of them another name',
  circle: 'these profiles extend one another in a circle; let one of them extend a shipped profile',
  yaml: 'This is not valid YAML ({detail}); compare the line with the example in the guide on rules',
  yaml_tab: 'A tab cannot indent; use spaces',
  yaml_duplicate: 'This key is there twice, and keys must be unique; keep one of the two',
  yaml_indent:
    'The indentation does not fit the lines above; begin lines that belong together at the same column',
  yaml_missing_char: 'A quote, bracket, comma or colon is missing; close what was opened',
  yaml_nested:
    'A colon and a space begin a key, and one stands here already; put the text in quotes, or begin a line',
  yaml_no_colon: 'A key must be followed by a colon and a space on the same line, as in name: ours',
  yaml_unexpected: 'This was not expected here; put text that holds : # { [ or quotes in quotes',
  yaml_quotes: 'Text cannot begin with this character; put it in quotes',
  yaml_alias: 'An alias (*) names nothing here or is used too often; put text that begins with * in quotes',

  // Keys and values
  unknown_key: 'Unknown key {key}[; did you mean {near}?][ (known here: {known})]',
  missing: '{key} is missing here[; add {example}]',
  not_a_profile: 'A profile is made of lines such as name: ours; this is something else',
  not_a_group: '{key} must be followed by lines of the form key: value, indented below it',
  too_many: '{key} may have at most {most} entries',
  not_text: '{key} must be a text; put it in quotes',
  not_a_name: '{key} must be a short name of letters, digits, - and _, such as gone-quiet',
  not_days: '{key} must be a whole number of days, 0 to 3650',
  not_one_of: '{key} must be one of {allowed}[; {found} is none of them]',
  not_yes_or_no: '{key} must be true or false',
  not_a_list: '{key} must be a list of at most {most}, each beginning with a dash',
  empty_effect: 'an effect needs a phase, an outcome or a flag, such as flag: gone_quiet',
  evidence_name:
    '{name} cannot be the name of an evidence field; begin with a letter and use letters, digits and _, as in poReceived',
  evidence_taken: '{name} already is a variable of every profile; choose another name',
  criterion_name:
    '{name} cannot be the name of a criterion; begin with a letter and use letters, digits, - and _',
  rule_twice: 'Rule {id} is there twice; give each rule an id of its own',
  days_crossed: 'quietDays ({quiet}) must not be less than engagedDays ({engaged})',
  unknown_parent: 'There is no profile {name} to extend[; did you mean {near}?][; there are {known}]',

  // Conditions
  long_condition:
    'A condition may have at most {most} characters; this one has {found}. Make two rules of it',
  large_condition: 'The condition is too large or too deeply nested; make several rules of it',
  unknown_variable:
    'Unknown variable {name}[; did you mean {near}?][; text goes in quotes, and {guide} lists the variables]',
  not_a_decision: 'A condition must be true or false; this gives a {type}. Compare it, as in {example}',
  number_point: 'Two kinds of numbers meet here; write numbers with a point, such as 5.0',
  types: '{operation}: both sides must be of one kind; write text in quotes and numbers without them',
  single_equals: 'A single = compares nothing; write ==',
  curly_quotes: 'Quotes must be straight; write "…"',
  words_for_signs: 'Write && for and, || for or, ! for not',
  incomplete: 'The condition is incomplete; something is missing at its end',
  unexpected: 'This was not expected here: {found}',
  open_quote: 'A text is opened with a quote and never closed; close it on the same line',
  reserved: '{name} is a word of the rule language; choose another name',
  unclear: 'This cannot be understood ({detail})',
  no_dots:
    'Names have no dots or brackets, because variables are flat; write a plain name such as stageLabel',
  lone_list: 'Rules may not use a list except after "in", as in stageLabel in ["A", "B"]',
  after_in: 'After "in" a list such as ["A", "B"] must stand',
  no_map: 'Rules may not use { }; to compare with several values write in ["A", "B"]',
  no_operator: 'Rules may not use {operator}; allowed are && || ! == != < <= > >= + - * / in',
  no_null: 'Rules may not use null; write known(name) to ask whether there is a value',
  no_value: 'Rules may only use true, false, numbers and text',
  no_call: 'Rules may not call {name}; allowed are known(name) and size(text)',
  no_text_call: 'Rules may not call {name}; allowed on text are startsWith, endsWith and contains',
} as const satisfies Readonly<Record<string, string>>;

export type RuleFaultName = keyof typeof RULE_FAULTS;

/** One fault in English, with all that its translation needs. */
export interface RuleFault {
  readonly message: string;
  readonly fault: RuleFaultName;
  readonly params: SentenceParams;
}

/** A fault with its place in the file, as it is shown: `at` is file, line and column, `excerpt` the line with a caret. */
export interface PlacedFault extends RuleFault {
  readonly at: string;
  readonly excerpt: string | null;
}

export function ruleFault(fault: RuleFaultName, params: SentenceParams = {}): RuleFault {
  return { message: fillIn(RULE_FAULTS[fault], params), fault, params };
}

/** The lines of faults, one under another: the place and the sentence, then the line of the file. */
export function faultLines(
  faults: readonly PlacedFault[],
  sentences: Readonly<Record<RuleFaultName, string>> = RULE_FAULTS,
): string {
  return faults
    .map(({ at, fault, params, excerpt }) => {
      const told = `${at}: ${fillIn(sentences[fault], params)}`;
      return excerpt === null ? told : `${told}\n${excerpt}`;
    })
    .join('\n');
}
