const CHECK_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * The 18-character form of a Salesforce id. The 15-character form tells ids apart by letter case; three check characters
 * repeat that in a form that survives case-blind systems. Anything that is not an id is returned unchanged.
 */
export function to18(id: string): string {
  if (!/^[0-9A-Za-z]{15}$/.test(id)) return id;
  let check = '';
  for (let block = 0; block < 15; block += 5) {
    let bits = 0;
    for (let at = 0; at < 5; at += 1) {
      const code = id.charCodeAt(block + at);
      if (code >= 65 && code <= 90) bits |= 1 << at;
    }
    check += CHECK_CHARACTERS.charAt(bits);
  }
  return id + check;
}
