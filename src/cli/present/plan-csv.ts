import type { Value } from '../../core/opportunity.ts';
import type { PlannedChange } from '../../core/report.ts';
import { csvText } from './csv.ts';

const HEAD = [
  'crm',
  'id',
  'name',
  'pair',
  'field',
  'owned',
  'before',
  'after',
  'reason',
  'sentence',
] as const;

/** Every change of a plan as CSV, piece by piece: one line per field, also of records that are to be made (without id). */
export async function* planCsv(changes: AsyncIterable<PlannedChange>): AsyncIterable<string> {
  yield csvText([HEAD]);
  for await (const change of changes) {
    const { creation } = change;
    const lines: readonly (readonly [string, boolean, Value, Value])[] =
      creation === undefined
        ? [[change.field, change.owned, change.before, change.after]]
        : [
            ...Object.entries(creation.fields).map(([field, value]) => [field, false, null, value] as const),
            ...Object.entries(creation.owned).map(([field, value]) => [field, true, null, value] as const),
          ];
    yield csvText(
      lines.map(([field, owned, before, after]) => [
        ...[change.crm, change.id, change.name, change.pairKey ?? '', field, owned ? 'yes' : 'no'],
        ...[before ?? '', after ?? '', change.reason, change.sentence],
      ]),
    );
  }
}
