import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats a check until it holds; the last failure is thrown when it never does. */
export async function eventually(check: () => void | Promise<void>, withinMs = 8000): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await sleep(10);
  }
}

/** Something handlers wait for until the test opens it. */
export class Gate {
  readonly passed: Promise<void>;
  open: () => void = () => undefined;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}
