import { ApiError } from '../errors.ts';
import { Transaction } from '../save/transaction.ts';
import { type Call, isJsonObject, type JsonObject, jsonBody, type Reply } from './call.ts';

const MAX_REQUESTS = 25;
const MAX_COLLECTIONS = 5;

interface Part {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

interface PartReply {
  readonly body: unknown;
  readonly httpHeaders: Readonly<Record<string, string>>;
  readonly httpStatusCode: number;
  readonly referenceId: string;
}

/** Answers one part; `outer` is the transaction of a request that is all or nothing. */
export type Dispatch = (call: Call) => Promise<Reply>;

/** POST /composite: up to 25 requests in one, later ones may use answers of earlier ones (salesforce.md §4.1). */
export async function composite(call: Call, dispatch: Dispatch): Promise<Reply> {
  const body = jsonBody(call);
  const parts = partsOf(body['compositeRequest']);
  const author = { actor: call.session.app.actor, userId: call.session.userId, commitDelay: 0 };
  const outer = body['allOrNone'] === true ? new Transaction(call.org, author) : null;
  const replies: PartReply[] = [];
  const answers = new Map<string, unknown>();
  let failed = false;
  for (const part of parts) {
    const reply =
      failed && outer !== null ? halted(part) : await answerPart(call, part, answers, outer, dispatch);
    replies.push(reply);
    if (reply.httpStatusCode >= 400) failed = true;
    else answers.set(part.referenceId, reply.body);
  }
  if (outer === null) return { status: 200, body: { compositeResponse: replies } };
  if (!failed) {
    outer.commit();
    return { status: 200, body: { compositeResponse: replies } };
  }
  outer.rollbackTo({ undo: 0, truth: 0, writes: 0 });
  const parted = replies.map((reply, i) => {
    const part = parts[i];
    return reply.httpStatusCode >= 400 || part === undefined ? reply : halted(part);
  });
  return { status: 200, body: { compositeResponse: parted } };
}

function partsOf(value: unknown): Part[] {
  if (!Array.isArray(value) || !value.every(isJsonObject)) {
    throw new ApiError('JSON_PARSER_ERROR', 'compositeRequest must be a list of requests');
  }
  if (value.length > MAX_REQUESTS) {
    throw new ApiError('LIMIT_EXCEEDED', `No more than ${MAX_REQUESTS} subrequests are allowed`);
  }
  const parts = value.map((one: JsonObject) => ({
    method: String(one['method'] ?? 'GET').toUpperCase(),
    url: String(one['url'] ?? ''),
    referenceId: String(one['referenceId'] ?? ''),
    body: one['body'],
    headers: isJsonObject(one['httpHeaders']) ? lowerCase(one['httpHeaders']) : {},
  }));
  const heavy = parts.filter((part) => /\/(?:query|queryAll|composite\/sobjects)(?:[/?]|$)/.test(part.url));
  if (heavy.length > MAX_COLLECTIONS) {
    throw new ApiError(
      'LIMIT_EXCEEDED',
      `No more than ${MAX_COLLECTIONS} query and collection subrequests are allowed`,
    );
  }
  if (new Set(parts.map((part) => part.referenceId)).size < parts.length) {
    throw new ApiError('INVALID_BATCH_REQUEST', 'referenceId must be unique');
  }
  return parts;
}

function lowerCase(headers: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

async function answerPart(
  call: Call,
  part: Part,
  answers: ReadonlyMap<string, unknown>,
  outer: Transaction | null,
  dispatch: Dispatch,
): Promise<PartReply> {
  const { referenceId } = part;
  try {
    const url = new URL(String(substitute(part.url, answers)), 'http://composite');
    const segments = url.pathname
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
    const [services, data, version, ...path] = segments;
    if (services !== 'services' || data !== 'data' || version === undefined) {
      throw new ApiError('INVALID_BATCH_REQUEST', `The subrequest url is not valid: ${part.url}`);
    }
    if (path[0] === 'composite' && path[1] !== 'sobjects')
      throw new ApiError('INVALID_BATCH_REQUEST', 'composite requests cannot be nested');
    const body = part.body === undefined ? '' : JSON.stringify(substitute(part.body, answers));
    const reply = await dispatch({
      ...call,
      method: part.method,
      path,
      query: url.searchParams,
      headers: { ...call.headers, ...part.headers },
      body: Buffer.from(body),
      outer,
    });
    const httpHeaders =
      reply.headers?.['location'] === undefined ? {} : { Location: reply.headers['location'] };
    return { body: reply.body ?? null, httpHeaders, httpStatusCode: reply.status, referenceId };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { body: error.body(), httpHeaders: {}, httpStatusCode: error.status, referenceId };
  }
}

function halted({ referenceId }: Part): PartReply {
  const message = 'The transaction was rolled back since another operation in the same transaction failed.';
  return {
    body: [{ errorCode: 'PROCESSING_HALTED', message }],
    httpHeaders: {},
    httpStatusCode: 400,
    referenceId,
  };
}

/** Replaces `@{ref.path[0].field}` in every text of a value. */
function substitute(value: unknown, answers: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string')
    return value.replace(/@\{([^}]+)\}/g, (_all, path: string) => String(referenced(path, answers)));
  if (Array.isArray(value)) return value.map((one) => substitute(one, answers));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, substitute(one, answers)]));
}

function referenced(path: string, answers: ReadonlyMap<string, unknown>): unknown {
  const [reference = '', ...steps] = path.split(/[.[\]]+/).filter((step) => step !== '');
  if (!answers.has(reference)) {
    throw new ApiError(
      'PROCESSING_HALTED',
      `Invalid reference specified. No value for ${path} found in ${reference}`,
    );
  }
  let value: unknown = answers.get(reference);
  for (const step of steps) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isJsonObject(value)) value = value[step];
    else value = undefined;
  }
  if (value === undefined)
    throw new ApiError(
      'PROCESSING_HALTED',
      `Invalid reference specified. No value for ${path} found in ${reference}`,
    );
  return value;
}
