/** Where evidence such as "contract signed" is read from: a field of the CRM, and which of its values mean yes. */
import { z } from 'zod';
import { STANDARD_EVIDENCE } from '../core/rules.ts';

/** As the configuration names it: the field alone, or the field with the values that mean yes. */
export type EvidenceSetting = string | { readonly field: string; readonly yes: string | readonly string[] };

export interface EvidenceSource {
  readonly native: string;
  /** Lower case; null: the value itself is the evidence. */
  readonly yes: readonly string[] | null;
}

export type EvidenceValue = string | number | boolean | null;

/** Whether contact is read from the CRM's activities: `auto` where they may be seen, or `off`. */
const activities = z.enum(['auto', 'off']).default('auto');

/** The part of a connection's settings that is about evidence: what is read, and fields by evidence name. */
export function evidenceSettings(native: z.ZodType<string>) {
  return z
    .object({ activities })
    .catchall(
      z.union([
        native,
        z.strictObject({ field: native, yes: z.union([z.string(), z.array(z.string()).min(1)]) }),
      ]),
    )
    .default({ activities: 'auto' });
}

/** The fields the configuration names, by evidence name. */
export function namedEvidence(settings: object): Record<string, EvidenceSetting> {
  const { activities: _activities, ...named } = settings as Record<string, EvidenceSetting>;
  return named;
}

export function evidenceSource(setting: EvidenceSetting): EvidenceSource {
  if (typeof setting === 'string') return { native: setting, yes: null };
  return { native: setting.field, yes: [setting.yes].flat().map((value) => value.trim().toLowerCase()) };
}

/**
 * What a field's value says as evidence. Blank says nothing, which is never "no". With a list of values that mean yes, any
 * other value means no. Of the evidence every profile knows, a date says yes: the contract was signed on that day.
 */
export function evidenceValue(name: string, value: EvidenceValue, yes: EvidenceSource['yes']): EvidenceValue {
  if (value === null || value === '') return null;
  if (yes !== null) return yes.includes(String(value).trim().toLowerCase());
  if (typeof value !== 'string' || STANDARD_EVIDENCE[name] !== 'boolean') return value;
  const text = value.trim().toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{4}-\d{2}-\d{2}(?:$|t)/.test(text) ? true : value;
}

/** `contractSigned` in the words of a field name: `contract`, `signed`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter((word) => word !== '');
}
