/** A refusal as the REST API words it. Single calls say `errorCode`, rows of a collection say `statusCode`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  readonly fields: readonly string[] | undefined;

  constructor(code: string, message: string, options: { status?: number; fields?: readonly string[] } = {}) {
    super(message);
    this.code = code;
    this.status = options.status ?? HTTP_STATUS[code] ?? 400;
    this.fields = options.fields;
  }

  /** Body of a failed single call: an array even for one error. */
  body(): unknown {
    const { message, code: errorCode, fields } = this;
    return [fields === undefined ? { message, errorCode } : { message, errorCode, fields }];
  }

  /** Entry of `errors` in a collection row. */
  row(): unknown {
    return { statusCode: this.code, message: this.message, fields: this.fields ?? [] };
  }
}

const HTTP_STATUS: Readonly<Record<string, number>> = {
  INVALID_SESSION_ID: 401,
  REQUEST_LIMIT_EXCEEDED: 403,
  NOT_FOUND: 404,
  ENTITY_IS_DELETED: 404,
  METHOD_NOT_ALLOWED: 405,
};

export function notFound(message = 'The requested resource does not exist'): ApiError {
  return new ApiError('NOT_FOUND', message);
}
