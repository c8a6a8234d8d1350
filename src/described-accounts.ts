import { type Contact, type DescribedAccount, OFFLINE_READERS } from './connectors/offline.ts';
import type { OwnerInfo, StageInfo } from './core/account-facts.ts';
import type { Crm, EpochMs } from './core/ids.ts';

/** A line of a dataset, as far as it describes an account. */
export interface DescribingLine {
  readonly crm: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly deleted?: boolean;
}

/** What the describing lines of a dataset say, per CRM. Of two lines about the same stage or owner the later one counts. */
export class DescribedAccounts {
  readonly #stages = new Map<Crm, Map<string, StageInfo>>();
  readonly #owners = new Map<Crm, Map<string, OwnerInfo>>();
  readonly #contacts = new Map<Crm, Map<string, Contact>>();
  readonly #readAt: EpochMs;

  /** @param readAt contacts after this moment are plans */
  constructor(readAt: EpochMs) {
    this.#readAt = readAt;
  }

  take(line: DescribingLine): void {
    const reader = OFFLINE_READERS.find(({ crm }) => crm === line.crm);
    if (reader === undefined || !reader.describingTypes.includes(line.type)) return;
    const { stages, owners, activity } = reader.describe(line.type, line.fields);
    for (const stage of stages) mapOf(this.#stages, line.crm).set(stage.key, stage);
    for (const owner of owners) mapOf(this.#owners, line.crm).set(owner.id, owner);
    if (activity === undefined || line.deleted === true) return;
    const contacts = mapOf(this.#contacts, line.crm);
    if (activity === null || activity.contact.at > this.#readAt) return;
    const before = contacts.get(activity.record);
    if (before === undefined || before.at < activity.contact.at)
      contacts.set(activity.record, activity.contact);
  }

  of(crm: Crm): DescribedAccount {
    const contacts = this.#contacts.get(crm);
    return {
      stages: [...mapOf(this.#stages, crm).values()],
      owners: [...mapOf(this.#owners, crm).values()],
      ...(contacts === undefined ? {} : { contacts }),
    };
  }
}

function mapOf<V>(maps: Map<Crm, Map<string, V>>, crm: Crm): Map<string, V> {
  const known = maps.get(crm);
  if (known !== undefined) return known;
  const made = new Map<string, V>();
  maps.set(crm, made);
  return made;
}
