import type { AccountFacts } from '../../core/account-facts.ts';
import { EVIDENCE_PREFIX } from './fields.ts';
import type { Row } from './query.ts';

type Read = (cell: string) => unknown;

const asNumber: Read = (cell) => Number(cell);
const asBoolean: Read = (cell) => cell === 'true';
/** REST writes the zone as an offset; one record read either way has to look the same. */
const asMoment: Read = (cell) => cell.replace(/Z$/, '+0000');
const asText: Read = (cell) => cell;
/** What an evidence field is natively is not known: checkboxes and numbers are told by how they are written. */
const asEvidence: Read = (cell) => {
  if (cell === 'true' || cell === 'false') return cell === 'true';
  // Bulk writes every number with a point.
  return /^-?\d+\.\d+$/.test(cell) ? Number(cell) : cell;
};

const SYSTEM: Readonly<Record<string, Read>> = {
  IsDeleted: asBoolean,
  SystemModstamp: asMoment,
  LastModifiedDate: asMoment,
  CreatedDate: asMoment,
};

/** PURE. Turns cells of a bulk result into the row that a REST query would have given. An empty cell is null. */
export function createRowReader(
  header: readonly string[],
  facts: AccountFacts,
): (cells: readonly string[]) => Row {
  const kinds = new Map(facts.fields.map((fact) => [fact.native, fact]));
  const columns = header.map((name) => {
    const dot = name.indexOf('.');
    const [parent, field] = dot === -1 ? [null, name] : [name.slice(0, dot), name.slice(dot + 1)];
    return { parent, field, read: SYSTEM[name] ?? readerOf(kinds.get(name)) };
  });
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (const [index, { parent, field, read }] of columns.entries()) {
      const cell = cells[index] ?? '';
      const value = cell === '' ? null : read(cell);
      if (parent === null) row[field] = value;
      else if (value === null) row[parent] ??= null;
      else row[parent] = { ...Object(row[parent]), [field]: value };
    }
    return row;
  };
}

function readerOf(fact: AccountFacts['fields'][number] | undefined): Read {
  if (fact === undefined) return asText;
  if (fact.field.startsWith(EVIDENCE_PREFIX)) return asEvidence;
  if (fact.kind === 'decimal') return asNumber;
  if (fact.kind === 'boolean') return asBoolean;
  return fact.kind === 'instant' ? asMoment : asText;
}
