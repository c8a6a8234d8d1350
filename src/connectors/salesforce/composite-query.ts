import type { Client } from './client.ts';
import { fromAnswer } from './errors.ts';
import { isRow, type ResultPage, toResultPage } from './query.ts';

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

/** One query too long for an address. */
export async function queryLong(
  client: Client,
  path: string,
  apiVersion: string,
  signal: AbortSignal,
): Promise<ResultPage> {
  const [answer] = await queryTogether(client, [path], apiVersion, signal);
  if (answer?.ok === true) return answer.page;
  throw fromAnswer({ status: answer?.status ?? 200, body: answer?.body ?? '' });
}
