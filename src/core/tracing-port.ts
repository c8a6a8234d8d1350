import type { EpochMs } from './ids.ts';

/** Facts on a span: identities and counts, never a customer's text. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/**
 * Where a span belongs, by names that every process knows: nothing has to be handed from one to the next for all that came
 * of one delivery to be one trace.
 */
export interface SpanPlace {
  /** What began it all: a delivery, or a run. Whatever has the same cause is in the same trace. */
  readonly cause: string;
  /** The name of the span it is inside of; null = it is the outermost. */
  readonly inside: string | null;
  /** The name others call this span by; absent: nobody does. */
  readonly name?: string;
}

/** Shows how long parts of the work took, and inside of what. */
export interface Tracing {
  /** False: nobody will see a span, and nothing needs to be looked up for one. */
  readonly on: boolean;
  /** Does the work inside a span of that name (constant, low in number); an error ends the span as failed and goes on. */
  span<T>(name: string, facts: SpanFacts, work: () => Promise<T>, place?: SpanPlace): Promise<T>;
  /** A span of what is over, such as a run that several processes worked on. `failed`: why, if it did. */
  record(
    name: string,
    facts: SpanFacts,
    place: SpanPlace,
    times: { readonly from: EpochMs; readonly to: EpochMs; readonly failed?: string },
  ): void;
  /** Sends what is still waiting and lets go. */
  close(): Promise<void>;
}

/** No tracing is configured: the work is just done. */
export const NO_TRACING: Tracing = {
  on: false,
  span: (_name, _facts, work) => work(),
  record: () => undefined,
  close: () => Promise.resolve(),
};
