/** What a simulated story needs of a CRM, whoever simulates it: people's hands on it, its troubles, and a connector to it. */

import type { Connector } from '../../src/core/connector-port.ts';
import type { Fields, Value } from '../../src/core/opportunity.ts';
import type { Clock, Randomness, Sleep } from '../../src/core/ports.ts';

/** What goes wrong with the next call that it fits. */
export type CallFault = 'outage' | 'limit' | 'lost_after' | 'lost_before' | 'partly_lost';

/** A record as it is, in the words of the story: canonical fields, stages by the side's letter and their number. */
export interface Standing {
  readonly fields: Fields;
  readonly owned: Fields;
  readonly deleted: boolean;
}

/** One process of oppsync, as a connector meets the world through it. */
export interface ProcessOfStory {
  readonly name: number;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: Randomness;
  /** Before and after each call: may take time, and may never come back. */
  readonly step: (what: string) => Promise<void>;
}

export interface CrmUnderTest {
  /** Its name in the settings of the sync. */
  readonly crm: string;
  ids(): Iterable<string>;
  /** The id a record has in the story, by the one it has in the CRM. */
  storyId(id: string): string;
  current(id: string): Standing;
  create(id: string, fields: Fields, linkedId: string | null): void;
  /** A person's edit; answers false when nothing came of it: the record is deleted, holds that value, or the CRM refuses it. */
  edit(id: string, field: string, value: Value): boolean;
  remove(id: string): boolean;
  restore(id: string): boolean;
  /** From now on the CRM refuses to save the record, or at least these values in it. */
  refuse(id: string, values: Fields): void;
  /** A field cannot be seen by oppsync any more. */
  hide(field: string): void;
  show(): void;
  fail(fault: CallFault): void;
  /** Everything works again. */
  heal(): void;
  /** Values that were sent although the record was known to hold them. */
  needless(): readonly string[];
  /** Records written by oppsync. */
  writes(): number;
  connect(process: ProcessOfStory): Connector;
}
