/** The three generations of HubSpot request signatures. Source: developers.hubspot.com, "Validating requests". */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { EpochMs } from '../../core/ids.ts';

export type SignatureVersion = 'v1' | 'v2' | 'v3';

/** A request older or newer than this is refused, ms. */
const TOLERANCE_MS = 300_000;

/** The escapes HubSpot writes out before it signs an address; all others stay as they are. */
const DECODED: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
}

/** The address as HubSpot signs it. */
export function signedAddress(url: string): string {
  return url.replaceAll(/%[0-9a-f]{2}/gi, (coded) => DECODED[coded.toUpperCase()] ?? coded);
}

/** The signature a request of this version must carry. `timestamp` (epoch ms as sent) counts for v3 only. */
export function signatureOf(
  version: SignatureVersion,
  secret: string,
  request: SignedRequest,
  timestamp: string,
): string {
  const { method, url, body } = request;
  switch (version) {
    case 'v1':
      return createHash('sha256').update(secret).update(body).digest('hex');
    case 'v2':
      return createHash('sha256').update(`${secret}${method}${url}`).update(body).digest('hex');
    case 'v3':
      return createHmac('sha256', secret)
        .update(`${method}${signedAddress(url)}`)
        .update(body)
        .update(timestamp)
        .digest('base64');
  }
}

/** Is the given signature that of one of the secrets? Takes as long whichever it is, and wherever they differ. */
export function isSignedBy(
  secrets: readonly string[],
  version: SignatureVersion,
  request: SignedRequest,
  given: string,
  timestamp: string,
): boolean {
  let signed = false;
  for (const secret of secrets)
    if (sameText(signatureOf(version, secret, request, timestamp), given)) signed = true;
  return signed;
}

/** A moment given in exactly the way HubSpot gives it, and not far from now. */
export function isTimely(timestamp: string, now: EpochMs): boolean {
  return /^\d{13}$/.test(timestamp) && Math.abs(now - Number(timestamp)) <= TOLERANCE_MS;
}

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
