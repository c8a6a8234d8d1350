import { canonicalDecimal } from './exact-double.ts';
import type { PropertyDefinition } from './property-definition.ts';

/** A value as it would be stored (null clears), or why it is refused. */
export type Normalised =
  | { readonly ok: true; readonly value: string | null }
  | { readonly ok: false; readonly code: string; readonly message: string };

const LONGEST = 65_536;
const DAY = 86_400_000;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Turns what was sent into the stored text (hubspot.md §2.6). */
export function normalise(definition: PropertyDefinition, raw: unknown): Normalised {
  if (raw === null || raw === undefined || raw === '') return { ok: true, value: null };
  if (typeof raw === 'object')
    return refuse('INVALID_STRING', `${JSON.stringify(raw).slice(0, 80)} was not a valid value.`);
  const text = String(raw);
  if (text.length > LONGEST) {
    return refuse(
      'PROPERTY_VALUE_TOO_LONG',
      `Value of length ${text.length} is longer than the ${LONGEST} allowed.`,
    );
  }
  switch (definition.type) {
    case 'number':
      return number(text.trim());
    case 'bool':
      return bool(text);
    case 'datetime':
      return datetime(text);
    case 'date':
      return date(text);
    case 'enumeration':
      return enumeration(definition, text);
    case 'string':
      return { ok: true, value: text };
  }
}

/** Whether two stored texts mean the same to the CRM: only numbers have several spellings here. */
export function sameStored(definition: PropertyDefinition | undefined, a: string, b: string): boolean {
  if (a === b) return true;
  return definition?.type === 'number' && canonicalDecimal(a) === canonicalDecimal(b);
}

/** Epoch ms from ISO 8601 text, a bare date or epoch ms; null when it is none of them. */
export function parseInstant(text: string): number | null {
  if (/^[+-]?\d+$/.test(text)) {
    const at = Number(text);
    return Math.abs(at) <= 8.64e15 ? at : null;
  }
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return calendarDay(text);
  if (!INSTANT.test(text) || calendarDay(text.slice(0, 10)) === null) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** ISO 8601 in UTC, milliseconds left out when they are zero, as Java prints an instant. */
export function formatInstant(at: number): string {
  const text = new Date(at).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}

/** Midnight UTC of a day that exists, else null ("2026-02-30"). */
function calendarDay(text: string): number | null {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) return null;
  return at;
}

function refuse(code: string, message: string): Normalised {
  return { ok: false, code, message };
}

function number(text: string): Normalised {
  if (text === '') return { ok: true, value: null };
  if (canonicalDecimal(text) === null) return refuse('INVALID_NUMBER', `${text} was not a valid number.`);
  return { ok: true, value: text };
}

function bool(text: string): Normalised {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return { ok: true, value: lower };
  return refuse('INVALID_OPTION', `${text} was not one of the allowed options: [true, false]`);
}

function datetime(text: string): Normalised {
  const at = parseInstant(text);
  if (at === null) return refuse('INVALID_DATE', `${text} was not a valid date.`);
  return { ok: true, value: formatInstant(at) };
}

function date(text: string): Normalised {
  const at = parseInstant(text);
  if (at === null) return refuse('INVALID_DATE', `${text} was not a valid date.`);
  if (at % DAY !== 0) {
    return refuse(
      'INVALID_DATE',
      `${text} is at ${new Date(at).toISOString().slice(11, 23)} UTC, not midnight!`,
    );
  }
  return { ok: true, value: new Date(at).toISOString().slice(0, 10) };
}

function enumeration(definition: PropertyDefinition, text: string): Normalised {
  if (definition.externalOptions) return { ok: true, value: text };
  const chosen = definition.fieldType === 'checkbox' ? text.split(';').filter((part) => part !== '') : [text];
  const wrong = chosen.find((value) => !definition.options.some((option) => option.value === value));
  if (wrong === undefined) return { ok: true, value: text };
  const allowed = definition.options.map(
    ({ label, value, displayOrder }) =>
      `label: "${label}"\nvalue: "${value}"\ndisplay_order: ${displayOrder}\n`,
  );
  return refuse('INVALID_OPTION', `${wrong} was not one of the allowed options: [${allowed.join(', ')}]`);
}
