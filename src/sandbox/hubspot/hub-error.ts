/** An answer that is an error, in HubSpot's envelope (hubspot.md §4.2); the correlation id is added when it is sent. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, more: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.body = { status: 'error', message, ...more };
  }
}

/** 400 with category VALIDATION_ERROR. */
export function badRequest(message: string, more: Readonly<Record<string, unknown>> = {}): HubError {
  return new HubError(400, message, { ...more, category: 'VALIDATION_ERROR' });
}

/** The two known forms of "no such record" (hubspot.md §2.1). */
export function recordNotFound(id: string): HubError {
  if (/^\d+$/.test(id)) return new HubError(404, 'resource not found');
  return new HubError(404, `Object not found.  objectId are usually numeric.`, {
    context: { id: [id] },
    category: 'OBJECT_NOT_FOUND',
  });
}

/** One property value that was refused. */
export interface Problem {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly value?: string;
}

/** All refused values in one answer: repeated as JSON text in `message` and one by one in `errors` (hubspot.md §4.2). */
export function invalidProperties(problems: readonly Problem[], portalId: number): HubError {
  const listed = problems.map(({ name, code, message, value }) => ({
    isValid: false,
    message,
    error: code,
    name,
    ...(value === undefined ? {} : { localizedErrorMessage: message, propertyValue: value, portalId }),
  }));
  return badRequest(`Property values were not valid: ${JSON.stringify(listed)}`, {
    errors: problems.map(({ name, code, message }) => ({ message, code, context: { propertyName: [name] } })),
  });
}
