/** The shapes of HubSpot's JSON that we rely on, read without trusting them. */

/** One answer of the API, fully received. */
export interface HubspotAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; the text itself when it is not JSON (error pages of the edge); null when empty. */
  readonly body: unknown;
  /** Our clock when the request left and when the answer was complete, epoch ms. */
  readonly sentAt: number;
  readonly receivedAt: number;
}

export type Json = Readonly<Record<string, unknown>>;

/** A deal as the objects API returns it. */
export interface NativeDeal {
  readonly id: string;
  readonly properties: Readonly<Record<string, string | null>>;
  readonly updatedAt: string | null;
  readonly archived: boolean;
  /** Present in answers to writes that carried trace ids, in some generations. */
  readonly trace: string | null;
  /** In answers to upserts: whether the deal was made just now. */
  readonly isNew?: boolean;
}

export function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null;
}

/** Texts of a context entry: HubSpot writes lists, sometimes a single value. */
export function asTexts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(asText).filter((text) => text !== null);
}

/** Null when it is not a record at all. */
export function asDeal(value: unknown): NativeDeal | null {
  const deal = asObject(value);
  const id = asText(deal['id']);
  if (id === null) return null;
  return {
    id,
    properties: propertiesOf(deal['properties']),
    updatedAt: asText(deal['updatedAt']),
    archived: deal['archived'] === true,
    trace: asText(deal['objectWriteTraceId']),
    ...(typeof deal['new'] === 'boolean' ? { isNew: deal['new'] } : {}),
  };
}

export function asDeals(value: unknown): NativeDeal[] {
  return asList(value)
    .map(asDeal)
    .filter((deal) => deal !== null);
}

/** The cursor of the next page, or null on the last one. */
export function nextAfter(body: unknown): string | null {
  return asText(asObject(asObject(asObject(body)['paging'])['next'])['after']);
}

function propertiesOf(value: unknown): Record<string, string | null> {
  const properties: Record<string, string | null> = {};
  for (const [name, held] of Object.entries(asObject(value))) {
    properties[name] = held === null || typeof held === 'string' ? held : String(held);
  }
  return properties;
}
