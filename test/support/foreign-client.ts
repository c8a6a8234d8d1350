/** Somebody else who uses the same HubSpot credentials at an even pace and takes no notice of anybody. */
export interface ForeignClient {
  /** Calls it made that were answered, and those that were refused. */
  readonly done: () => number;
  readonly refused: () => number;
  stop(): Promise<void>;
}

export function foreignClient(url: string, token: string, perSecond: number): ForeignClient {
  let [sent, done, refused, stopped] = [0, 0, 0, false];
  const began = performance.now();
  const calls = new Set<Promise<void>>();
  const call = async (): Promise<void> => {
    try {
      const answer = await fetch(`${url}/crm/v3/owners?limit=1`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await answer.arrayBuffer();
      if (answer.status === 429) refused++;
      else done++;
    } catch {
      // The simulator has gone.
    }
  };
  const timer = setInterval(() => {
    for (const due = Math.floor(((performance.now() - began) / 1000) * perSecond); sent < due; sent++) {
      const one = call().finally(() => calls.delete(one));
      calls.add(one);
    }
  }, 20);
  return {
    done: () => done,
    refused: () => refused,
    stop: async () => {
      if (!stopped) clearInterval(timer);
      stopped = true;
      await Promise.all(calls);
    },
  };
}
