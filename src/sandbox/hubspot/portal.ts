import type { SandboxDeps, SandboxRandom } from '../simulator.ts';
import type { LinkChange } from '../webhook-voice.ts';
import { ObjectStore } from './object-store.ts';
import { OBJECT_TYPES, type ObjectType } from './object-type.ts';
import { DEFAULT_PIPELINE, PipelineBook } from './pipeline-book.ts';
import { defaultSwitches, type Switches } from './switches.ts';

export interface Owner {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly userId: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly archived: boolean;
}

/** A label users gave to links between two kinds of records. */
export interface AssociationLabel {
  readonly from: string;
  readonly to: string;
  readonly typeId: number;
  readonly name: string;
  readonly label: string;
}

/** Everything one HubSpot account holds. */
export class Portal {
  readonly deps: SandboxDeps;
  readonly portalId: number;
  readonly switches: Switches = defaultSwitches();
  readonly pipelines = new PipelineBook();
  readonly owners = new Map<string, Owner>();
  readonly labels: AssociationLabel[] = [];
  readonly #stores = new Map<ObjectType, ObjectStore>();
  readonly #ids: SandboxRandom;
  readonly #order: SandboxRandom;
  readonly #lag: SandboxRandom;
  /** Called after a link between two records has changed. */
  linked: (change: LinkChange) => void = () => undefined;
  /** Known once the server listens. */
  baseUrl = '';

  constructor(deps: SandboxDeps, provisioned: boolean) {
    this.deps = deps;
    this.#ids = deps.random.fork('hubspot ids');
    this.#order = deps.random.fork('hubspot order of results');
    this.#lag = deps.random.fork('hubspot search lag');
    this.portalId = deps.random.fork('hubspot portal').int(10_000_000, 49_999_999);
    for (const type of OBJECT_TYPES) this.#stores.set(type, new ObjectStore(type, provisioned));
    this.pipelines.put(DEFAULT_PIPELINE);
  }

  now(): number {
    return this.deps.clock.now();
  }

  store(type: ObjectType): ObjectStore {
    const found = this.#stores.get(type);
    if (found === undefined) throw new Error(`no store for ${type.plural}`);
    return found;
  }

  storeOf(plural: string): ObjectStore {
    for (const store of this.#stores.values()) if (store.type.plural === plural) return store;
    throw new Error(`no store for ${plural}`);
  }

  stores(): Iterable<ObjectStore> {
    return this.#stores.values();
  }

  /** The moment from which search may show a write made now. */
  visibleAt(now: number): number {
    const { searchLagMs, searchLagJitterMs } = this.switches;
    return now + searchLagMs + (searchLagJitterMs > 0 ? Math.floor(this.#lag.next() * searchLagJitterMs) : 0);
  }

  /** Batch answers do not follow the order of their inputs. */
  shuffled<T>(list: readonly T[]): T[] {
    const result = list.slice();
    for (let i = result.length - 1; i > 0; i -= 1) {
      const j = this.#order.int(0, i);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }

  uuid(): string {
    return uuidFrom(this.#ids);
  }

  isActiveCurrency(code: string): boolean {
    return code === this.switches.companyCurrency || this.switches.currencies.has(code);
  }
}

/** A version 4 UUID drawn from seeded randomness. */
export function uuidFrom(random: SandboxRandom): string {
  const word = (): string => random.int(0, 0xffffffff).toString(16).padStart(8, '0');
  const hex = word() + word() + word() + word();
  const variant = '89ab'[random.int(0, 3)] ?? '8';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
