/** One API request as `GET /_sandbox/requests` shows it. */
export interface LoggedRequest {
  readonly method: string;
  /** With the query string, cut to 2,000 characters. */
  readonly path: string;
  /** 0 when no answer was sent. */
  readonly status: number;
  /** Epoch ms of the sandbox clock. */
  readonly at: number;
  /** The fault that answered instead of, or interfered with, the simulator. */
  readonly fault?: string;
  /** A failure of the simulator itself: a mistake of ours, answered as the CRM's own 500. */
  readonly error?: string;
}

const KEPT = 1_000;
const PATH_LENGTH = 2_000;

export interface RequestLog {
  add(request: LoggedRequest): void;
  /** Oldest first, the last 1,000. */
  list(): readonly LoggedRequest[];
}

export function createRequestLog(): RequestLog {
  const ring: LoggedRequest[] = [];
  let oldest = 0;
  return {
    add(request) {
      const entry = { ...request, path: request.path.slice(0, PATH_LENGTH) };
      if (ring.length < KEPT) ring.push(entry);
      else {
        ring[oldest] = entry;
        oldest = (oldest + 1) % KEPT;
      }
    },
    list: () => [...ring.slice(oldest), ...ring.slice(0, oldest)],
  };
}
