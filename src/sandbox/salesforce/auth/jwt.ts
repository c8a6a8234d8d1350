import { createVerify } from 'node:crypto';

export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** Epoch seconds. */
  readonly exp: number;
}

/** Claims of an RS256 assertion whose signature holds under `publicKey` (PEM); null when it does not. */
export function verifyAssertion(assertion: string, publicKey: string): Claims | null {
  const [header = '', payload = '', signature = '', ...rest] = assertion.split('.');
  if (rest.length > 0 || publicKey === '') return null;
  const head = decode(header);
  const body = decode(payload);
  if (head?.['alg'] !== 'RS256' || body === null) return null;
  const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`);
  try {
    if (!verifier.verify(publicKey, signature, 'base64url')) return null;
  } catch {
    // A key that cannot be read verifies nothing.
    return null;
  }
  const { iss, sub, aud, exp } = body;
  const isComplete = typeof iss === 'string' && typeof sub === 'string' && typeof aud === 'string';
  return isComplete && typeof exp === 'number' ? { iss, sub, aud, exp } : null;
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
