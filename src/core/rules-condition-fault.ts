/** Tells what the CEL library has against a condition in words of ours, so that it can be told in another language too. */
import { type RuleFault, ruleFault } from './rule-faults.ts';
import type { SentenceParams } from './told.ts';

/** What CEL calls a type, and what a rule file calls it. */
const TYPES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  double: 'number',
  int: 'number',
  uint: 'number',
  string: 'text',
};
const NUMBERS = ['double', 'int', 'uint'];

/** A fault of the library, and at which character of the condition. */
export function toldByLibrary(error: unknown, source: string): RuleFault & { readonly offset: number } {
  const { code, summary, offset } = read(error);
  return { ...told(code, summary, offset, source), offset };
}

/** What fills `not_a_decision`: the type a condition gives, and how it would be compared. */
export function typeNamed(type: string, source: string): SentenceParams {
  const named = TYPES[type] ?? type;
  const example = named === 'text' ? `${source} == "…"` : `${source} > 5.0`;
  return { type: named, example: source.length > 40 ? example.slice(source.length + 1) : example };
}

function told(code: string, summary: string, offset: number, source: string): RuleFault {
  const slip = commonSlip(source);
  switch (code) {
    case 'unexpected_token':
    case 'unexpected_character':
    case 'expected_token': {
      if (slip !== null) return slip;
      const found = source.slice(offset).trim().slice(0, 20);
      return found === '' ? ruleFault('incomplete') : ruleFault('unexpected', { found });
    }
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
    case 'newline_in_string':
      return ruleFault('open_quote');
    case 'reserved_identifier':
      return ruleFault('reserved', { name: summary.replace(/^.*: /, '') });
    case 'limit_exceeded':
      return ruleFault(summary.includes('maxMapEntries') ? 'no_map' : 'large_condition');
    default:
      return slip ?? ofTypes(summary);
  }
}

/** What people write who know spreadsheets. Text in quotes is not looked at. */
function commonSlip(source: string): RuleFault | null {
  const bare = source.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  if (/[“”„«»‘’]/.test(bare)) return ruleFault('curly_quotes');
  if (/(?<![=!<>])=(?!=)/.test(bare)) return ruleFault('single_equals');
  return /\b(?:and|or|not)\b/i.test(bare) ? ruleFault('words_for_signs') : null;
}

function ofTypes(summary: string): RuleFault {
  const [, left = '', operator = '', right = ''] =
    /^no such overload: (\w+) (\S+) (\w+)$/.exec(summary) ?? [];
  if (left === '') return ruleFault('unclear', { detail: summary });
  if (NUMBERS.includes(left) && NUMBERS.includes(right)) return ruleFault('number_point');
  return ruleFault('types', {
    operation: `${TYPES[left] ?? left} ${operator} ${TYPES[right] ?? right}`,
  });
}

function read(error: unknown): { code: string; summary: string; offset: number } {
  const own = typeof error === 'object' && error !== null ? error : {};
  const summary =
    'summary' in own && typeof own.summary === 'string'
      ? own.summary
      : error instanceof Error
        ? (error.message.split('\n')[0] ?? '')
        : String(error);
  const range = 'range' in own && typeof own.range === 'object' && own.range !== null ? own.range : {};
  return {
    code: 'code' in own && typeof own.code === 'string' ? own.code : '',
    summary,
    offset: 'start' in range && typeof range.start === 'number' ? range.start : 0,
  };
}
