/** Reads the shipped dictionaries: one file per language, beside this one. */
import { readdirSync, readFileSync } from 'node:fs';

export interface DictionaryFile {
  readonly file: string;
  readonly text: string;
}

/** Every shipped dictionary, in the order of file names. Throws when a file cannot be read. */
export function readDictionaryFiles(): DictionaryFile[] {
  return readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      file: `config/dictionaries/${name}`,
      text: readFileSync(`${import.meta.dirname}/${name}`, 'utf8'),
    }));
}
