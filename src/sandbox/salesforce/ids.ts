/** Record ids: 3 characters of type, 12 of body, and in the 18-character form 3 that encode which letters are capitals. */

const CHECK_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Standard types begin with a digit, custom ones with `a0`..`a9`. */
const SHORT_FORM = /^(?:\d[0-9A-Za-z]|a\d)[0-9A-Za-z]{13}$/;

function checksum(id15: string): string {
  let out = '';
  for (let chunk = 0; chunk < 3; chunk += 1) {
    let bits = 0;
    for (let i = 0; i < 5; i += 1) {
      const c = id15.charCodeAt(chunk * 5 + i);
      if (c >= 65 && c <= 90) bits |= 1 << i;
    }
    out += CHECK_ALPHABET.charAt(bits);
  }
  return out;
}

/** Both id forms become the 18-character one; any other text is returned as it is. */
export function toId18(id: string): string {
  return id.length === 15 && SHORT_FORM.test(id) ? id + checksum(id) : id;
}

/** True for 15 characters of id form, or 18 with the right checksum. */
export function hasIdForm(id: string): boolean {
  const short = id.slice(0, 15);
  if (!SHORT_FORM.test(short)) return false;
  return id.length === 15 || (id.length === 18 && id.slice(15) === checksum(short));
}

/** Deterministic ids, counted per prefix. */
export class IdSource {
  readonly #counts = new Map<string, number>();

  /** `prefix` is the 3-character key of the object type. */
  next(prefix: string): string {
    const n = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, n);
    let body = '';
    for (let rest = n; rest > 0; rest = Math.floor(rest / 62)) body = BASE62.charAt(rest % 62) + body;
    return toId18(`${prefix}Dn${body.padStart(10, '0')}`);
  }
}
