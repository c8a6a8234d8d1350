/** Keys whose values are never logged. */
const SECRET_KEY =
  /secret|token|passw|private|credential|apikey|api_key|authorization|assertion|cookie|connectionstring/i;

/** Texts that give a secret away wherever they stand. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\bBearer\s+[\w.~+/=!-]+/gi, 'Bearer …'],
  [/\bpat-[a-z]{2,3}\d?-[\w-]{8,}/gi, 'pat-…'],
  [/\b00D\w{12,15}![\w.]+/g, '00D…!…'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(private key)'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '(signed token)'],
  [/:\/\/([^/\s:@]*):[^/\s@]+@/g, '://$1:…@'],
  [/\b(client_secret|refresh_token|access_token|password|token|secret)=[^&\s"]+/gi, '$1=…'],
];

/** A text with everything that looks like a credential taken out. */
export function redactText(text: string): string {
  return SECRET_TEXT.reduce((kept, [pattern, replacement]) => kept.replace(pattern, replacement), text);
}

/** A value ready to be logged: secrets out, errors as data, cycles and depth cut. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '(function)' : value;
  if (depth > 5) return '(…)';
  if (value instanceof Error) {
    const { name, message, stack, cause } = value;
    return {
      name,
      message: redactText(message),
      ...(stack === undefined ? {} : { stack: redactText(stack) }),
      ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
    };
  }
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEY.test(key) &&
      item !== null &&
      item !== undefined &&
      typeof item !== 'number' &&
      typeof item !== 'boolean'
        ? '…'
        : redact(item, depth + 1),
    ]),
  );
}
