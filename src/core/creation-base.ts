import type { PlannedCreation } from './creation.ts';
import type { Crm } from './ids.ts';
import type { AgreedValues } from './merge.ts';
import type { Fields, Value } from './opportunity.ts';

type Sent = Pick<PlannedCreation, 'agreed'>;
type Same = (field: string, a: Value, b: Value) => boolean;

/**
 * What both sides agreed on when a record came into being: the values sent, whatever has become of them since, so that an
 * edit made before the record was found again is known for one. Where several sendings may have made it with different
 * values, the one whose value it holds counts; when it holds none of them nothing was agreed. Nothing sent = nothing agreed.
 *
 * @param sent every intent sent under its key, earliest first
 */
export function creationBase(
  crm: Crm,
  held: Fields,
  sent: readonly Sent[],
  same: Same,
): Readonly<Record<string, AgreedValues>> {
  const base: Record<string, AgreedValues> = {};
  for (const field of new Set(sent.flatMap(({ agreed }) => Object.keys(agreed)))) {
    const values = sent.map(({ agreed }) => agreed[field]).filter((one) => one !== undefined);
    const sentValue = (agreed: AgreedValues): Value => agreed[crm] ?? null;
    const [first] = values;
    if (first === undefined) continue;
    const sentByAll =
      values.length === sent.length && values.every((one) => same(field, sentValue(one), sentValue(first)));
    const now = held[field];
    const fitting = sentByAll
      ? first
      : values.findLast((one) => now !== undefined && same(field, sentValue(one), now));
    if (fitting !== undefined) base[field] = fitting;
  }
  return base;
}
