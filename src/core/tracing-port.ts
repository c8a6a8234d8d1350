/** Facts on a span: identities and counts, never a customer's text. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** Shows how long parts of the work took, and inside of what. */
export interface Tracing {
  /** Does the work inside a span of that name (constant, low in number); an error ends the span as failed and goes on. */
  span<T>(name: string, facts: SpanFacts, work: () => Promise<T>): Promise<T>;
  /** Sends what is still waiting and lets go. */
  close(): Promise<void>;
}

/** No tracing is configured: the work is just done. */
export const NO_TRACING: Tracing = {
  span: (_name, _facts, work) => work(),
  close: () => Promise.resolve(),
};
