const CHECK_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const CASE_SENSITIVE_LENGTH = 15;
const CHARACTERS_PER_CHECK = 5;

/**
 * The 18-character form of the Salesforce id that HubSpot's own Salesforce integration leaves in a deal. A 15-character id
 * gets its three check characters, each telling which of five characters are capitals. Null when the text is no such id.
 * Source: Salesforce, "How to convert 15 digit Id to 18 digit Id".
 */
export function salesforceId(text: string | null | undefined): string | null {
  const id = text?.trim() ?? '';
  if (!/^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$/.test(id)) return null;
  const base = id.slice(0, CASE_SENSITIVE_LENGTH);
  return base + checkOf(base);
}

function checkOf(base: string): string {
  let check = '';
  for (let start = 0; start < CASE_SENSITIVE_LENGTH; start += CHARACTERS_PER_CHECK) {
    const capitals = [...base.slice(start, start + CHARACTERS_PER_CHECK)].map((char) => /[A-Z]/.test(char));
    const index = capitals.reduce((sum, capital, bit) => sum + (capital ? 2 ** bit : 0), 0);
    check += CHECK_ALPHABET[index] ?? '';
  }
  return check;
}
