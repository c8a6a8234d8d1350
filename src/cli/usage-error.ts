import type { MessageKey } from './locale/index.ts';

/** The command line is wrong. Its words are looked up in the locale. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly key: MessageKey;
  readonly params: Readonly<Record<string, string>>;

  constructor(key: MessageKey, params: Readonly<Record<string, string>> = {}) {
    super(key);
    this.key = key;
    this.params = params;
  }
}
