/** Reads the shipped profiles: one file each, beside this one. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProfileFile {
  readonly file: string;
  readonly text: string;
}

/** Every shipped profile, in the order of file names. Throws when a file cannot be read. */
export function readProfileFiles(): ProfileFile[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => ({
      file: `config/rules/${name}`,
      text: readFileSync(`${import.meta.dirname}/${name}`, 'utf8'),
    }));
}
