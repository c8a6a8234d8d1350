import type { StreamRow } from './change-stream-port.ts';
import type { SyncName } from './ids.ts';

export interface StreamStart {
  /** Where to go on from; null = from now on. */
  readonly position: Uint8Array | null;
  /** Syncs that were not told everything up to there. */
  readonly behind: readonly SyncName[];
}

/**
 * Where the stream of an account is gone on with for these syncs: at the place stored last. A sync that is new to the
 * stream, was left out of it for a while, or followed another account, lacks what happened before that.
 */
export function startOf(
  rows: readonly StreamRow[],
  syncs: readonly SyncName[],
  account: string,
): StreamStart {
  const own = rows.filter((row) => row.account === account && syncs.includes(row.sync));
  const placed = own.filter((row) => row.position !== null).toSorted((x, y) => y.movedAt - x.movedAt);
  const position = placed[0]?.position ?? null;
  const behind = syncs.filter((sync) => {
    const row = own.find((one) => one.sync === sync);
    return row === undefined || !sameBytes(row.position, position);
  });
  return { position, behind };
}

function sameBytes(x: Uint8Array | null, y: Uint8Array | null): boolean {
  if (x === null || y === null) return x === y;
  return x.length === y.length && x.every((byte, at) => byte === y[at]);
}
