/** What objects beside a record prove about it: calls and meetings held, contracts, quotes, orders, payments. */
import type { Crm, EpochMs, RecordId } from './ids.ts';
import type { Evidence, Said } from './opportunity.ts';

/** One object's testimony about one record. */
export interface Finding {
  /** The CRM's name for the kind of object, for example `Task`. */
  readonly source: string;
  readonly item: RecordId;
  /** What it is in a trace, for example `call`. */
  readonly what: string;
  /** The moment of a two-way contact; null for anything else. */
  readonly at: EpochMs | null;
  /** Evidence by name. */
  readonly says: Readonly<Record<string, boolean>>;
}

/** An object as it was read, and the records it is about: none when it proves nothing (any more). */
export interface FoundItem extends Finding {
  readonly records: readonly RecordId[];
}

/** One open invoice is enough for a sale not to be paid, whatever else was paid; a signature in one place is a signature. */
const ONE_NO_DENIES = new Set(['paid', 'fundsWired']);
const MOST_CONTACTS_SAID = 3;

/**
 * Evidence of a record completed by what was found beside it. A finding proves what the record's own fields leave open or
 * deny; it never takes a proof away. Contacts after `now` are the next activity. Pure; the order of findings is of no matter.
 */
export function withFindings(own: Evidence, crm: Crm, findings: readonly Finding[], now: EpochMs): Evidence {
  if (findings.length === 0) return own;
  const said: Said[] = [...(own.said ?? [])];
  const known = new Set(said.map(({ about }) => about));
  const custom: Record<string, string | number | boolean | null> = { ...own.custom };
  for (const [name, answer] of Object.entries(answers(findings, crm, said))) {
    const mine = custom[name] ?? null;
    if (mine !== null && !known.has(name)) said.push({ crm, about: name, says: mine, from: '' });
    if (mine === null || mine === false) custom[name] = answer;
  }
  const contacts = findings.filter(isContact).sort((x, y) => y.at - x.at || (x.item < y.item ? -1 : 1));
  const past = contacts.filter(({ at }) => at <= now);
  for (const { what, item, at } of past.slice(0, MOST_CONTACTS_SAID))
    said.push({ crm, about: 'contact', says: at, from: `${what} ${item}` });
  const before = own.lastContactAt ?? null;
  if (before !== null && past.length > 0 && !known.has('contact'))
    said.push({ crm, about: 'contact', says: before, from: '' });
  const last = past[0]?.at ?? null;
  const next = contacts.at(past.length > 0 ? -past.length - 1 : -1);
  const ahead = [own.nextActivityAt ?? null, next?.at ?? null].filter((at) => at !== null && at > now);
  return {
    ...own,
    custom,
    ...(said.length === 0 ? {} : { said }),
    ...(last === null || (before !== null && before <= now && before > last) ? {} : { lastContactAt: last }),
    ...(ahead.length === 0 ? {} : { nextActivityAt: Math.min(...(ahead as number[])) }),
  };
}

function isContact(finding: Finding): finding is Finding & { readonly at: EpochMs } {
  return finding.at !== null;
}

/** What all findings together answer, by name of evidence; who said it is added to `said`. */
function answers(findings: readonly Finding[], crm: Crm, said: Said[]): Record<string, boolean> {
  const found: Record<string, boolean> = {};
  for (const { what, item, says } of findings) {
    for (const [name, answer] of Object.entries(says)) {
      said.push({ crm, about: name, says: answer, from: `${what} ${item}` });
      const before = found[name];
      const decisive = !ONE_NO_DENIES.has(name);
      found[name] = before === undefined ? answer : before === decisive ? before : answer;
    }
  }
  return found;
}
