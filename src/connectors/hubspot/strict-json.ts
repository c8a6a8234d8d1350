/** JSON as a careful sender writes it. What JSON.parse would take silently in one of several ways is refused. Pure. */

/** Events are flat; nothing of theirs comes near this. */
const DEEPEST = 16;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The value of a body in UTF-8. Undefined for anything else, and for a byte order mark, a name given twice in one object, a
 * number no double can hold, half of a surrogate pair, and nesting beyond reason. Whole numbers too large to be exact are
 * kept as they are written.
 */
export function strictJson(body: Uint8Array): unknown {
  try {
    const text = UTF8.decode(body);
    const names = namesIn(text);
    if (names === null) return undefined;
    let found = 0;
    const value: unknown = JSON.parse(text, (key, inner: unknown, context?: { readonly source?: string }) => {
      if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
        found += Object.keys(inner).length;
      return checked(key, inner, context?.source);
    });
    return found === names ? value : undefined;
  } catch {
    return undefined;
  }
}

function checked(key: string, value: unknown, source: string | undefined): unknown {
  if (!key.isWellFormed() || (typeof value === 'string' && !value.isWellFormed()))
    throw new SyntaxError('half of a surrogate pair');
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) throw new RangeError('a number too large');
  return source !== undefined && /^-?\d+$/.test(source) ? source : value;
}

/** How many names of members a text in JSON has; null when it is nested too deeply. */
function namesIn(text: string): number | null {
  let names = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++)
          if (text.charCodeAt(at) === 0x5c) at++;
        break;
      }
      case 0x3a:
        names++;
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > DEEPEST) return null;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  return names;
}
