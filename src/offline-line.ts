/** One line of an exported dataset: what it is, or why it cannot be read. Unknown native fields are welcome. */
import { nearest } from '../config/nearest.ts';
import { OFFLINE_READERS } from './connectors/offline.ts';
import type { Crm } from './core/ids.ts';

export interface OfflineLine {
  readonly crm: Crm;
  readonly type: string;
  /** By native name. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly associations?: { readonly companies?: readonly string[] };
  readonly deleted?: boolean;
}

/** Why a line cannot be read; `code` is looked up for the sentence. */
export interface BadLine {
  readonly code:
    | 'not_utf8'
    | 'not_json'
    | 'csv'
    | 'not_object'
    | 'crm'
    | 'type'
    | 'near_type'
    | 'fields'
    | 'no_id'
    | 'label'
    | 'too_deep';
  readonly params: Readonly<Record<string, string>>;
}

export type ParsedLine =
  | { readonly is: 'record'; readonly line: OfflineLine }
  /** Describes the account: stages, owners. */
  | { readonly is: 'account'; readonly line: OfflineLine }
  /** A record of another type: it may say something of what is around the records, such as their account. */
  | { readonly is: 'other'; readonly line: OfflineLine | null }
  | { readonly is: 'label'; readonly label: string; readonly language: string | null }
  | { readonly is: 'bad'; readonly fault: BadLine };

const READERS = new Map(OFFLINE_READERS.map((reader) => [reader.crm, reader]));
const DESCRIBING = new Set(OFFLINE_READERS.flatMap((reader) => reader.describingTypes));
const TYPE_FIRST = /^\s*\{\s*(?:"crm"\s*:\s*"\w+"\s*,\s*)?"type"\s*:\s*"(\w+)"/;
const CSV = /^[^{}[\]]*[^\s,;]\s*([,;\t])[^{}[\]]*\1/;

/** Whether a line may describe the account. Tells from its beginning where it can, which is far cheaper than parsing it. */
export function describesAccount(text: string): boolean {
  const type = TYPE_FIRST.exec(text)?.[1];
  return type === undefined || DESCRIBING.has(type);
}

/** Takes a line apart. Null for a blank one; `null` given stands for bytes that are not UTF-8. */
export function parseOfflineLine(text: string | null): ParsedLine | null {
  if (text === null) return bad('not_utf8');
  if (text.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return CSV.test(text) ? bad('csv') : bad('not_json', { found: shown(text) });
  }
  if (!isObject(value)) return bad('not_object', { found: shown(text) });
  const { crm, type, fields } = value as { crm?: unknown; type?: unknown; fields?: unknown };
  if (type === 'label') return labelOf(value);
  const reader = typeof crm === 'string' ? READERS.get(crm) : undefined;
  if (reader === undefined) return bad('crm', { found: shown(JSON.stringify(crm) ?? 'nothing') });
  if (typeof type !== 'string' || type === '')
    return bad('type', { found: shown(JSON.stringify(type) ?? 'nothing') });
  const known = [reader.recordType, ...reader.describingTypes];
  if (!known.includes(type)) {
    const near = nearest(
      type.toLowerCase().replace(/s$/, ''),
      known.map((one) => one.toLowerCase()),
    );
    const meant = known.find((one) => one.toLowerCase() === near);
    // Another type of record is passed over; a misspelled one would be lost without a word.
    return meant !== undefined && type.toLowerCase().replace(/s$/, '') === near
      ? bad('near_type', { found: shown(type), near: meant })
      : { is: 'other', line: isObject(fields) ? (value as unknown as OfflineLine) : null };
  }
  if (!isObject(fields)) return bad('fields', {});
  const line = value as unknown as OfflineLine;
  if (type !== reader.recordType) return { is: 'account', line };
  if (reader.idOf(fields) === null) return bad('no_id', { type });
  return { is: 'record', line };
}

function labelOf(value: Readonly<Record<string, unknown>>): ParsedLine {
  const { label, language } = value as { label?: unknown; language?: unknown };
  if (typeof label !== 'string') return bad('label');
  return { is: 'label', label, language: typeof language === 'string' && language !== '' ? language : null };
}

function bad(code: BadLine['code'], params: BadLine['params'] = {}): ParsedLine {
  return { is: 'bad', fault: { code, params } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(text: string): string {
  const line = text.trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
