/** One Subscribe stream: sends no more events than it was asked for, and a sign of life when there are none. */
import type { GrpcCall } from '../../grpc/server.ts';
import { encodeMessage, WireMessage } from '../../grpc/wire.ts';
import type { Org } from '../org.ts';
import { placeOf, replayId } from './replay-id.ts';

export const FAMILY = 'sfdc.platform.eventbus.grpc.';
export const TOPIC = '/data/OpportunityChangeEvent';
/** Most events of one request, and of one answer. */
const MOST_ASKED = 100;
const MOST_SENT = 40;
/** How often it is looked whether a change has become visible. */
const NOT_DUE_MS = 20;
const EARLIEST = 1;
const CUSTOM = 2;

/** Field numbers of FetchRequest. */
const TOPIC_NAME = 1;
const PRESET = 2;
const REPLAY_ID = 3;
const REQUESTED = 4;

export interface SubscriptionReport {
  /** Asked for and not sent yet. */
  owed: number;
  asked: number;
  sent: number;
  requests: number;
}

export class Subscription {
  readonly report: SubscriptionReport = { owed: 0, asked: 0, sent: 0, requests: 0 };
  readonly #org: Org;
  readonly #life: number;
  readonly #call: GrpcCall;
  #at: number | null = null;
  #isOver = false;
  #keepalive: NodeJS.Timeout | null = null;
  #later: NodeJS.Timeout | null = null;

  constructor(org: Org, life: number, call: GrpcCall) {
    this.#org = org;
    this.#life = life;
    this.#call = call;
    call.listen(
      (bytes) => this.#asked(bytes),
      () => this.#end('OK'),
    );
    call.onClose(() => this.#stop());
  }

  /** Something new may be there. */
  push(): void {
    if (this.#isOver || this.#at === null) return;
    while (this.report.owed > 0) {
      const events = this.#org.changes.after(this.#at, Math.min(this.report.owed, MOST_SENT));
      if (events.length === 0) break;
      this.#at = events.at(-1)?.seq ?? this.#at;
      this.report.owed -= events.length;
      this.report.sent += events.length;
      this.#send(
        events.map(({ id, schemaId, payload, seq }) =>
          encodeMessage([
            [
              1,
              encodeMessage([
                [1, id],
                [2, schemaId],
                [3, payload],
              ]),
            ],
            [2, replayId(this.#life, seq)],
          ]),
        ),
      );
    }
    if (this.report.owed > 0 && this.#org.changes.last > this.#at && this.#later === null)
      this.#later = setTimeout(() => {
        this.#later = null;
        this.push();
      }, NOT_DUE_MS).unref();
  }

  /** `drop` cuts the connection; otherwise the stream ends with this status. */
  kill(how: 'drop' | Parameters<GrpcCall['end']>[0]): void {
    this.#stop();
    if (how === 'drop') this.#call.drop();
    else this.#call.end(how, 'The stream was ended.');
  }

  #asked(bytes: Buffer): void {
    const request = new WireMessage(bytes);
    const wanted = request.number(REQUESTED);
    this.report.requests += 1;
    if (wanted <= 0) {
      this.#refuse('subscription.fetch.requested.events.invalid');
      return;
    }
    const topic = request.text(TOPIC_NAME);
    if (this.#at === null) this.#at = this.#start(request, topic);
    else if (topic !== '' && topic !== TOPIC) this.#refuse('subscription.topic.changed');
    if (this.#at === null || this.#isOver) return;
    const more = Math.min(wanted, MOST_ASKED);
    this.report.owed += more;
    this.report.asked += more;
    this.#waitForSign();
    this.push();
  }

  /** The place before the first event to send; null when it was refused. */
  #start(request: WireMessage, topic: string): number | null {
    const { changes, switches } = this.#org;
    if (topic !== TOPIC || !switches.changeEvents.includes('Opportunity')) {
      this.#end('NOT_FOUND', 'The topic was not found.', 'topic.not.found');
      return null;
    }
    const preset = request.number(PRESET);
    if (preset === EARLIEST) return changes.first - 1;
    if (preset !== CUSTOM) return changes.last;
    const given = request.bytes(REPLAY_ID);
    if (given.length === 0) this.#refuse('subscription.fetch.replayid.validation.failed');
    const place = placeOf(this.#life, given);
    if (place === null || place > changes.last) this.#refuse('subscription.fetch.replayid.corrupted');
    else if (place < changes.first - 1) this.#refuse('subscription.fetch.replayid.validation.failed');
    return this.#isOver ? null : place;
  }

  #send(events: readonly Buffer[]): void {
    this.#call.send(
      encodeMessage([
        ...events.map((event) => [1, event] as const),
        [2, replayId(this.#life, this.#at ?? 0)],
        [3, 'rpc'],
        [4, this.report.owed],
      ]),
    );
    this.#waitForSign();
  }

  #waitForSign(): void {
    if (this.#keepalive !== null) clearTimeout(this.#keepalive);
    this.#keepalive = setTimeout(() => {
      if (this.report.owed > 0) this.#send([]);
    }, this.#org.switches.eventKeepaliveMs).unref();
  }

  #refuse(code: string): void {
    this.#end('INVALID_ARGUMENT', 'The request is not valid.', code);
  }

  #end(status: Parameters<GrpcCall['end']>[0], message = '', code = ''): void {
    this.#stop();
    const full = code === '' ? '' : FAMILY + code;
    this.#call.end(status, full === '' ? message : `${full}: ${message} rpcId: rpc`, full);
  }

  #stop(): void {
    this.#isOver = true;
    if (this.#keepalive !== null) clearTimeout(this.#keepalive);
    if (this.#later !== null) clearTimeout(this.#later);
  }
}
