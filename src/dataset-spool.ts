/** Keeps the bytes of a stream that can only be read once, until they are wanted: in memory, then in a file. */

import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, type WriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY_BYTES = 32 * 1024 * 1024;

export class DatasetSpool {
  #blocks: Buffer[] = [];
  #bytes = 0;
  #folder: string | null = null;
  #file: WriteStream | null = null;

  async add(text: string): Promise<void> {
    const block = Buffer.from(text, 'utf8');
    if (this.#file !== null) return this.#write(block);
    this.#blocks.push(block);
    this.#bytes += block.length;
    if (this.#bytes <= MEMORY_BYTES) return;
    this.#folder = mkdtempSync(join(tmpdir(), 'oppsync-'));
    // The records are a customer's: nobody else may read them.
    this.#file = createWriteStream(join(this.#folder, 'dataset'), { mode: 0o600 });
    for (const kept of this.#blocks) await this.#write(kept);
    this.#blocks = [];
  }

  async #write(block: Buffer): Promise<void> {
    if (this.#file?.write(block) === false) await once(this.#file, 'drain');
  }

  /** Everything added, once. */
  async *chunks(): AsyncGenerator<Buffer> {
    const file = this.#file;
    if (file === null) {
      yield* this.#blocks;
      return;
    }
    file.end();
    await once(file, 'close');
    yield* createReadStream(file.path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  }

  remove(): void {
    this.#blocks = [];
    this.#file?.destroy();
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = null;
  }
}
