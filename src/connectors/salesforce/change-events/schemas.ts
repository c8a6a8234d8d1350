/** Schemas by id, asked for once. The id is a fingerprint: what it names never changes. */
import { type HeaderReader, headerReader } from './header.ts';

/** A few, because each change of a field in Setup makes another; the oldest go. */
const MOST = 50;

export interface SchemaCache {
  /** Null when there is no such schema, or it is not one of change events. Throws when it cannot be asked for. */
  reader(schemaId: string): Promise<HeaderReader | null>;
}

/** @param load the schema's JSON, or null when there is none of that id */
export function schemaCache(load: (schemaId: string) => Promise<string | null>): SchemaCache {
  const known = new Map<string, HeaderReader | null>();
  return {
    async reader(schemaId) {
      const held = known.get(schemaId);
      if (held !== undefined) return held;
      const json = await load(schemaId);
      // One that is not there yet may be there when the next event names it.
      if (json === null) return null;
      const reader = understood(json);
      if (known.size >= MOST) known.delete([...known.keys()][0] ?? '');
      known.set(schemaId, reader);
      return reader;
    },
  };
}

function understood(json: string): HeaderReader | null {
  try {
    return headerReader(json);
  } catch {
    return null;
  }
}
