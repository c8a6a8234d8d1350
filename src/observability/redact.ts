/** Keys whose values are never logged. */
const SECRET_KEY =
  /secret|token|passw|passphrase|private|credential|api[-_]?key|access[-_]?key|authorization|assertion|signature|cookie|connectionstring|^(pass|pwd|auth|jwt|sid)$|session[-_]?id|^session$/i;
/** And those whose numbers are secrets too, not counts. */
const SECRET_NUMBER = /(token|secret|password|pass|pwd|pin)$/i;
/** Names in lists of headers, where the value is the next entry. */
const SECRET_HEADER = /^(proxy-)?authorization$|^(set-)?cookie$|signature|api-?key/i;

/** Names of what is secret, in forms, queries, JSON and XML. */
const NAMES =
  '(?<![\\w-])(?:[\\w-]{0,64}(?:token|secret|password|passwd|passphrase|assertion|signature|authorization|api[-_]?key|hapikey|access[-_]?key|session[-_]?id)|pwd|sid|sig|jwt)';

/** Texts that give a secret away wherever they stand. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\bBearer\s+[\w.~+/=!-]+/gi, 'Bearer …'],
  [/\bBasic\s+(?=[a-z+/]*[\d=])[\w+/]{6,}=*/gi, 'Basic …'],
  [/\bpat-[a-z]{2,3}\d?-[\w-]{8,}/gi, 'pat-…'],
  [/\b00D\w{12,15}![\w.]+/g, '00D…!…'],
  [/\b5Aep861[\w.-]+/g, '5Aep861…'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(private key)'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '(signed token)'],
  [/\b(postgres(?:ql)?|rediss?):\/\/([^\s:@/]*):\S+@/gi, '$1://$2:…@'],
  [/:\/\/([^/\s:@]*):[^/\s@]+@/g, '://$1:…@'],
  // The address an Outbound Message is sent to is its secret.
  [/(\/webhooks\/[\w-]+\/)[^\s"'/?#]+/g, '$1…'],
  [new RegExp(`(${NAMES})=[^&\\s"'<>]+`, 'gi'), '$1=…'],
  [new RegExp(`(\\\\*["']?${NAMES}\\\\*["']?\\s*:\\s*\\\\*["'])[^"'\\\\]+`, 'gi'), '$1…'],
  // "token: expected a text" says nothing that is secret; "token: a1b2c3d4" does.
  [new RegExp(`(${NAMES}\\s*:\\s*)(?=[^\\s"']*\\d)[^\\s"',;)]{6,}`, 'gi'), '$1…'],
  [new RegExp(`(<(?:\\w+:)?${NAMES}>)[^<]+`, 'gi'), '$1…'],
];

/** A text with everything that looks like a credential taken out. */
export function redactText(text: string): string {
  return SECRET_TEXT.reduce((kept, [pattern, replacement]) => kept.replace(pattern, replacement), text);
}

/** A value ready to be logged: secrets out, errors as data, cycles and depth cut. Never throws. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '(function)' : value;
  if (depth > 5) return '(…)';
  if (value instanceof Date) return value;
  if (value instanceof URL) return redactText(value.href);
  try {
    if (value instanceof Error) return errorData(value, depth);
    if (Array.isArray(value)) return value.map((item, at) => listed(value[at - 1], item, depth));
    if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, isSecret(key, item) ? '…' : redact(item, depth + 1)]),
    );
  } catch {
    // A getter that throws must not cost the line it stands in.
    return '(unreadable)';
  }
}

function listed(before: unknown, item: unknown, depth: number): unknown {
  const named = typeof before === 'string' && typeof item === 'string' && SECRET_HEADER.test(before);
  return named ? '…' : redact(item, depth + 1);
}

function isSecret(key: string, value: unknown): boolean {
  if (value === null || value === undefined || typeof value === 'boolean') return false;
  if (typeof value === 'number' || typeof value === 'bigint') return SECRET_NUMBER.test(key);
  return SECRET_KEY.test(key);
}

function errorData(error: Error, depth: number): unknown {
  const { name, message, stack, cause } = error;
  const { errors, code } = error as { errors?: unknown; code?: unknown };
  return {
    name,
    message: redactText(message),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
    ...(Array.isArray(errors) ? { errors: redact(errors, depth + 1) } : {}),
  };
}
