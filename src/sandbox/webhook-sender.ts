/** Delivers what a simulated CRM tells: in batches, several at once, again when it was not received, and with its faults. */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { SandboxRandom } from './simulator.ts';
import { changedSettings, SILENT } from './webhook-settings.ts';
import type { Change, WebhookItem, WebhookSettings, WebhookVoice } from './webhook-voice.ts';

export interface WebhookReport extends WebhookSettings {
  /** Items not yet delivered, and requests under way. */
  readonly waiting: number;
  readonly underWay: number;
  readonly requests: number;
  readonly delivered: number;
  readonly repeated: number;
  readonly lost: number;
  /** Given up after the last repetition. */
  readonly dropped: number;
}

export interface WebhookSender {
  /** A change was written. */
  noticed(entry: Change): void;
  /** Something to tell that is no change of a record. */
  tell(items: readonly WebhookItem[]): void;
  settings(): WebhookSettings;
  /** @throws {Refusal} */
  configure(given: unknown): WebhookReport;
  report(): WebhookReport;
  /** Sends no more. */
  close(): void;
}

interface Batch {
  readonly items: readonly WebhookItem[];
  readonly attempt: number;
}

/** An item that comes late comes this much later at most, ms. */
const LATE_MS = 400;
const NOT_DUE_MS = 50;

export function createWebhookSender(voice: WebhookVoice, random: SandboxRandom): WebhookSender {
  let settings = SILENT;
  let waiting: WebhookItem[] = [];
  let flushing: NodeJS.Timeout | null = null;
  let underWay = 0;
  let closed = false;
  const ready: Batch[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const counts = { held: 0, requests: 0, delivered: 0, repeated: 0, lost: 0, dropped: 0 };
  const agents = {
    'http:': new HttpAgent({ keepAlive: true, maxSockets: voice.concurrency }),
    'https:': new HttpsAgent({ keepAlive: true, maxSockets: voice.concurrency }),
  };

  function later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!closed) work();
    }, ms);
    timer.unref();
    timers.add(timer);
  }

  function take(items: readonly WebhookItem[]): void {
    for (const item of items) {
      if (random.next() < settings.lose) {
        counts.lost += 1;
        continue;
      }
      if (random.next() < settings.duplicate) hold(item);
      if (random.next() < settings.reorder) hold(item);
      else put(item);
    }
  }

  function hold(item: WebhookItem): void {
    counts.held += 1;
    later(random.int(1, LATE_MS), () => {
      counts.held -= 1;
      put(item);
    });
  }

  function put(item: WebhookItem): void {
    waiting.push(item);
    if (waiting.length >= voice.most) flush();
    else
      flushing ??= setTimeout(() => {
        flush();
      }, settings.batchMs).unref();
  }

  function flush(): void {
    if (flushing !== null) clearTimeout(flushing);
    flushing = null;
    const due = waiting.filter(voice.isDue);
    const early = waiting.filter((item) => !voice.isDue(item));
    waiting = [];
    for (const item of early) {
      counts.held += 1;
      later(NOT_DUE_MS, () => {
        counts.held -= 1;
        put(item);
      });
    }
    for (let start = 0; start < due.length; start += voice.most)
      ready.push({ items: due.slice(start, start + voice.most), attempt: 0 });
    pump();
  }

  function pump(): void {
    while (!closed && underWay < voice.concurrency) {
      const batch = ready.shift();
      if (batch === undefined) return;
      underWay += 1;
      void deliver(batch).finally(() => {
        underWay -= 1;
        pump();
      });
    }
  }

  async function deliver(batch: Batch): Promise<void> {
    const { targetUrl } = settings;
    if (targetUrl === null) return;
    counts.requests += 1;
    if (batch.attempt > 0) counts.repeated += 1;
    const { headers, body } = voice.compose(batch.items, batch.attempt, { ...settings, targetUrl });
    const answer = await post(targetUrl, headers, body).catch(() => null);
    if (answer !== null && voice.isReceived(answer.status, answer.body)) {
      counts.delivered += batch.items.length;
      return;
    }
    const pause = voice.pause(batch.attempt + 1);
    if (pause === null) {
      counts.dropped += batch.items.length;
      return;
    }
    counts.held += batch.items.length;
    later(Math.round(settings.retryMs * pause * (0.5 + random.next())), () => {
      counts.held -= batch.items.length;
      ready.push({ items: batch.items, attempt: batch.attempt + 1 });
      pump();
    });
  }

  function post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<{ status: number; body: string }> {
    const isPlain = url.startsWith('http:');
    const send = isPlain ? httpRequest : httpsRequest;
    const bytes = Buffer.from(body);
    return new Promise((resolve, reject) => {
      const request = send(
        url,
        {
          method: 'POST',
          agent: agents[isPlain ? 'http:' : 'https:'],
          timeout: voice.timeoutMs,
          headers: { ...headers, 'content-length': String(bytes.length) },
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString() }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', reject);
      request.end(bytes);
    });
  }

  const report = (): WebhookReport => {
    const { held, ...told } = counts;
    const queued = ready.reduce((sum, { items }) => sum + items.length, 0);
    return { ...settings, waiting: waiting.length + held + queued, underWay, ...told };
  };
  return {
    noticed(entry) {
      if (settings.targetUrl !== null && entry.actor !== 'import') take(voice.items(entry, settings));
    },
    tell(items) {
      if (settings.targetUrl !== null) take(items);
    },
    settings: () => settings,
    configure(given) {
      settings = changedSettings(settings, given);
      return report();
    },
    report,
    close() {
      closed = true;
      if (flushing !== null) clearTimeout(flushing);
      for (const timer of timers) clearTimeout(timer);
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
