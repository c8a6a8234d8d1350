import { type DescribedAccount, OFFLINE_READERS } from './connectors/offline.ts';
import type { Crm } from './core/ids.ts';
import type { OwnerInfo, StageInfo } from './core/ports.ts';
import type { OfflineLine } from './offline-line.ts';

/** What the describing lines of a dataset say, per CRM. Of two lines about the same stage or owner the later one counts. */
export class DescribedAccounts {
  readonly #stages = new Map<Crm, Map<string, StageInfo>>();
  readonly #owners = new Map<Crm, Map<string, OwnerInfo>>();

  take(line: OfflineLine): void {
    const reader = OFFLINE_READERS.find(({ crm }) => crm === line.crm);
    if (reader === undefined) return;
    const { stages, owners } = reader.describe(line.type, line.fields);
    for (const stage of stages) mapOf(this.#stages, line.crm).set(stage.key, stage);
    for (const owner of owners) mapOf(this.#owners, line.crm).set(owner.id, owner);
  }

  of(crm: Crm): DescribedAccount {
    return {
      stages: [...mapOf(this.#stages, crm).values()],
      owners: [...mapOf(this.#owners, crm).values()],
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
