import type { Client } from './client.ts';
import { fromAnswer } from './errors.ts';
import { isRow, type ResultPage, readResultPage, toResultPage } from './query.ts';

/** Salesforce refuses more than 16,384 bytes of address and headers together; the token needs its share. */
const MAX_PATH = 13_000;

/** What became of one query of several: its first page, or the answer that refused it. */
export type QueryAnswer =
  | { readonly ok: true; readonly page: ResultPage }
  | { readonly ok: false; readonly status: number; readonly body: string };

/**
 * Queries (paths from {@link ./query.ts queryPath}) in the body of one composite call, which counts as one: for those too long
 * for an address, and for several at once (Salesforce takes five). Answers in the order given.
 */
export async function queryTogether(
  client: Client,
  paths: readonly string[],
  apiVersion: string,
  signal: AbortSignal,
): Promise<QueryAnswer[]> {
  const compositeRequest = paths.map((path, index) => ({
    method: 'GET',
    url: `/services/data/v${apiVersion}${path}`,
    referenceId: `query${index}`,
  }));
  const body = { allOrNone: false, compositeRequest };
  const answer = await client.call({ method: 'POST', path: '/composite', body, repeatable: true }, signal);
  const list: unknown = isRow(answer.body) ? answer.body['compositeResponse'] : undefined;
  return paths.map((_, index) => {
    const inner: unknown = Array.isArray(list) ? list[index] : undefined;
    if (!isRow(inner) || typeof inner['httpStatusCode'] !== 'number')
      throw fromAnswer({ status: 200, body: '' });
    const status = inner['httpStatusCode'];
    if (status !== 200) return { ok: false, status, body: JSON.stringify(inner['body']) };
    return { ok: true, page: toResultPage(inner['body'], answer.serverTime) };
  });
}

/** The first page of one query, by its address, or in a body where that would be too long. */
export async function queryOfAnyLength(
  client: Client,
  path: string,
  apiVersion: string,
  signal: AbortSignal,
): Promise<ResultPage> {
  if (path.length <= MAX_PATH) return readResultPage(client, path, signal);
  const [answer] = await queryTogether(client, [path], apiVersion, signal);
  if (answer?.ok === true) return answer.page;
  throw fromAnswer({ status: answer?.status ?? 200, body: answer?.body ?? '' });
}
