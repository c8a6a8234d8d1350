/** How one simulated CRM tells of changes by itself: what it tells, how it is packed, and what it takes for an answer. */
import type { TruthEntry } from './simulator.ts';

/** A change as it is about to enter the truth log. */
export type Change = Omit<TruthEntry, 'seq'>;

/** One thing to tell, in the CRM's own shape; the sender only keeps it. */
export type WebhookItem = Readonly<Record<string, unknown>>;

/** A link between two records appeared or went. */
export interface LinkChange {
  readonly at: number;
  readonly from: { readonly type: string; readonly id: string };
  readonly to: { readonly type: string; readonly id: string };
  readonly removed: boolean;
  readonly primary: boolean;
}

/** Everything that can be set about webhooks; the CRMs use what they have a use for. */
export interface WebhookSettings {
  /** Where to send; null = nothing is told. */
  readonly targetUrl: string | null;
  /** Events told, such as `deal.creation` or `deal.propertyChange:amount`; null = the usual ones. */
  readonly subscriptions: readonly string[] | null;
  /** `classic` events of one object, or `generic` ones that name the object's type. */
  readonly shape: 'classic' | 'generic';
  readonly signatures: readonly ('v1' | 'v2' | 'v3')[];
  /** Signs with this instead of the app's secret: a secret that was changed on one side only. */
  readonly secret: string | null;
  /** Share of items that get lost, that come twice, and that come late: 0 to 1. */
  readonly lose: number;
  readonly duplicate: number;
  readonly reorder: number;
  /** How long the first item waits for others, ms. */
  readonly batchMs: number;
  /** Pause before the first repetition, ms; the real one is minutes. */
  readonly retryMs: number;
}

/** Who listens: items go to `tell`, in the shape that the settings of the moment ask for. */
export interface WebhookEar {
  tell(items: readonly WebhookItem[]): void;
  settings(): WebhookSettings;
}

export interface WebhookVoice {
  /** Told of whoever listens, so that things that are no change of a record can be told too. */
  heardBy?(ear: WebhookEar): void;
  /** Items per request. */
  readonly most: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  items(entry: Change, settings: WebhookSettings): readonly WebhookItem[];
  /** Others can see already what the item tells. */
  isDue(item: WebhookItem): boolean;
  compose(
    items: readonly WebhookItem[],
    attempt: number,
    settings: WebhookSettings & { readonly targetUrl: string },
  ): { readonly headers: Readonly<Record<string, string>>; readonly body: string };
  isReceived(status: number, body: string): boolean;
  /** Pause before repetition number `retry` (from 1), as a multiple of `retryMs`; null = given up. */
  pause(retry: number): number | null;
}
