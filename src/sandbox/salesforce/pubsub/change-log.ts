/** The change events an org keeps: in the order of their commits, each with its place, for as long as the org says. */
import type { TruthEntry } from '../../simulator.ts';
import type { Org } from '../org.ts';
import type { Value } from '../schema/field.ts';
import { type EventSchema, eventSchema } from './event-schema.ts';

export interface KeptEvent {
  readonly seq: number;
  readonly at: number;
  /** When others can see the change. */
  readonly dueAt: number;
  readonly id: string;
  readonly schemaId: string;
  readonly payload: Buffer;
}

type Change = Omit<TruthEntry, 'seq'>;

const ENTITY = 'Opportunity';
const TYPES = {
  create: 'CREATE',
  update: 'UPDATE',
  delete: 'DELETE',
  restore: 'UNDELETE',
  merge: 'DELETE',
} as const;

export class ChangeLog {
  readonly #org: Org;
  readonly #schemas = new Map<string, EventSchema>();
  #kept: KeptEvent[] = [];
  #last = 0;
  #transactions = 0;
  #isOpen = false;
  #heard: () => void = () => undefined;

  constructor(org: Org) {
    this.#org = org;
  }

  open(heard: () => void): void {
    this.#isOpen = true;
    this.#heard = heard;
  }

  get last(): number {
    return this.#last;
  }

  /** Place of the oldest event that is still kept; one after the newest when there is none. */
  get first(): number {
    this.#expire();
    return this.#kept[0]?.seq ?? this.#last + 1;
  }

  /** What one transaction did. */
  committed(changes: readonly Change[], userId: string, dueAt: number): void {
    if (!this.#isOpen || !this.#org.switches.changeEvents.includes(ENTITY)) return;
    const own = changes.filter(({ type, actor }) => type === ENTITY && actor !== 'import');
    if (own.length === 0) return;
    const transactionKey = this.#nextTransaction();
    for (const [at, { id, action, fields, at: changedAt }] of own.entries()) {
      const changed = new Map<string, Value>();
      for (const [name, { after }] of Object.entries(fields)) changed.set(name, after as Value);
      this.#keep(
        { recordIds: [id], changeType: TYPES[action], transactionKey, sequenceNumber: at + 1, userId },
        changed,
        changedAt,
        dueAt,
      );
    }
    this.#heard();
  }

  /** An event without values: the platform knows that, and not always which records, changed. */
  gap(changeType: string, recordIds: readonly string[]): void {
    const now = this.#org.now();
    const transactionKey = this.#nextTransaction();
    const { adminId: userId } = this.#org;
    this.#keep({ recordIds, changeType, transactionKey, sequenceNumber: 1, userId }, new Map(), now, now);
    this.#heard();
  }

  /** Bytes as they are, under this schema or the current one. */
  raw(payload: Buffer, schemaId: string | null): void {
    const now = this.#org.now();
    this.#push({ at: now, dueAt: now, schemaId: schemaId ?? this.schema().id, payload });
    this.#heard();
  }

  /** Everything kept so far is gone, as after the time it is kept for. */
  forget(): void {
    this.#kept = [];
  }

  /** The schema of the fields there are now. */
  schema(): EventSchema {
    const made = eventSchema(
      ENTITY,
      this.#org.table(ENTITY).columns.map(({ field }) => field),
    );
    const known = this.#schemas.get(made.id);
    if (known === undefined) this.#schemas.set(made.id, made);
    return known ?? made;
  }

  schemaJson(id: string): string | null {
    return this.#schemas.get(id)?.json ?? null;
  }

  /** Events after this place that others can see, in order. */
  after(seq: number, limit: number): readonly KeptEvent[] {
    const now = this.#org.now();
    const start = Math.max(0, seq - (this.first - 1));
    const found: KeptEvent[] = [];
    for (let at = start; at < this.#kept.length && found.length < limit; at += 1) {
      const event = this.#kept[at];
      if (event === undefined || event.dueAt > now) break;
      found.push(event);
    }
    return found;
  }

  #nextTransaction(): string {
    this.#transactions += 1;
    return `0000${this.#transactions.toString(16).padStart(8, '0')}-4b7d-9c00-${this.#org.organizationId}`;
  }

  #keep(
    header: {
      recordIds: readonly string[];
      changeType: string;
      transactionKey: string;
      sequenceNumber: number;
      userId: string;
    },
    changed: ReadonlyMap<string, Value>,
    at: number,
    dueAt: number,
  ): void {
    const schema = this.schema();
    const { userId: commitUser, ...told } = header;
    const payload = schema.encode(
      {
        ...told,
        changeOrigin: 'com/salesforce/api/rest/66.0',
        commitTimestamp: at,
        commitNumber: 11_000_000_000_000 + this.#transactions,
        commitUser,
      },
      changed,
    );
    this.#push({ at, dueAt, schemaId: schema.id, payload });
  }

  #push(event: Pick<KeptEvent, 'at' | 'dueAt' | 'schemaId' | 'payload'>): void {
    this.#last += 1;
    const seq = this.#last;
    this.#kept.push({ seq, id: `e0${seq.toString(16).padStart(10, '0')}`, ...event });
  }

  #expire(): void {
    const oldest = this.#org.now() - this.#org.switches.eventRetentionMinutes * 60_000;
    const kept = this.#kept.findIndex(({ at }) => at >= oldest);
    if (kept > 0) this.#kept = this.#kept.slice(kept);
    else if (kept === -1 && this.#kept.length > 0) this.#kept = [];
  }
}
