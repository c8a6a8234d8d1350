/** One thing the web role needs; resolves when it is there, rejects with a reason when it is not. */
export type Check = () => Promise<void>;

export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** One sentence when it is not. */
  readonly reason: string | null;
}

/** A check that answers later than this has failed: a load balancer does not wait either. */
const DEADLINE_MS = 2_000;

/** Runs all checks at once, each with its own deadline. */
export function runChecks(
  checks: Readonly<Record<string, Check>>,
  deadlineMs = DEADLINE_MS,
): Promise<readonly CheckResult[]> {
  return Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<CheckResult> => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
      });
      try {
        await Promise.race([check(), late]);
        return { name, ok: true, reason: null };
      } catch (error) {
        return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
      } finally {
        clearTimeout(timer);
      }
    }),
  );
}
