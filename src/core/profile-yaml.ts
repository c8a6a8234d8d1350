/** Reads a profile from YAML text; every fault is reported with file, line, column and a caret under the place. */
import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { OppsyncError } from './errors.ts';
import { faultOf } from './fault-sentences.ts';
import type { Profile } from './profile.ts';
import { compileProfile, type ProfileFault } from './profile-compile.ts';
import { checkShape } from './profile-shape.ts';
import {
  faultLines,
  type PlacedFault,
  type RuleFault,
  type RuleFaultName,
  ruleFault,
} from './rule-faults.ts';
import { nearest } from './rules-nearest.ts';
import type { SentenceParams } from './told.ts';

const LARGEST = 100_000;

/** The YAML parser's codes for what people get wrong; others are told in its own words. */
const YAML_FAULTS: Readonly<Record<string, RuleFaultName>> = {
  TAB_AS_INDENT: 'yaml_tab',
  DUPLICATE_KEY: 'yaml_duplicate',
  BAD_INDENT: 'yaml_indent',
  MISSING_CHAR: 'yaml_missing_char',
  BLOCK_AS_IMPLICIT_KEY: 'yaml_nested',
  MULTILINE_IMPLICIT_KEY: 'yaml_no_colon',
  UNEXPECTED_TOKEN: 'yaml_unexpected',
  BAD_SCALAR_START: 'yaml_quotes',
  BAD_ALIAS: 'yaml_alias',
};

/**
 * One profile from its text. `parents` gives the profiles it may extend, by name. Throws OppsyncError `fix` (code
 * `rules.invalid`) that lists all faults.
 */
export function parseProfile(source: string, file: string, parents: ReadonlyMap<string, Profile>): Profile {
  if (source.length > LARGEST) {
    throw ofFile(file, 'too_long', { most: String(LARGEST), found: String(source.length) });
  }
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const place = new Places(source, file, lines, document);
  if (document.errors.length > 0) {
    throw invalid(
      file,
      document.errors.map(({ code, message, pos }) =>
        place.at(pos[0], ruleFault(YAML_FAULTS[code] ?? 'yaml', { detail: message })),
      ),
    );
  }
  let written: unknown;
  try {
    written = document.toJS({ maxAliasCount: 20 });
  } catch {
    // The one thing that reading a well-formed document refuses: aliases that name nothing, or multiply.
    throw ofFile(file, 'yaml_alias');
  }
  const shaped = checkShape(written);
  if (!shaped.ok)
    throw invalid(
      file,
      shaped.faults.map((fault) => place.of(fault)),
    );
  const name = shaped.source.extends;
  const parent = name === undefined ? null : (parents.get(name) ?? null);
  if (name !== undefined && parent === null) {
    throw invalid(file, [place.of({ path: ['extends'], offset: 0, ...unknownParent(name, parents) })]);
  }
  const compiled = compileProfile(shaped.source, parent);
  if (!compiled.ok)
    throw invalid(
      file,
      compiled.faults.map((fault) => place.of(fault)),
    );
  return compiled.profile;
}

/** Several profiles that may extend one another, in any order. Throws OppsyncError `fix`; a circle is a fault too. */
export function parseProfiles(
  files: readonly { file: string; text: string }[],
): ReadonlyMap<string, Profile> {
  const done = new Map<string, Profile>();
  let waiting = [...files];
  while (waiting.length > 0) {
    const later: typeof waiting = [];
    for (const one of waiting) {
      const parent = /^extends:\s*["']?([\w-]+)/m.exec(one.text)?.[1];
      const mayCome =
        parent !== undefined && !done.has(parent) && waiting.some((other) => nameIn(other.text) === parent);
      if (mayCome) later.push(one);
      else {
        const profile = parseProfile(one.text, one.file, done);
        if (done.has(profile.name)) throw ofFile(one.file, 'twice', { name: profile.name });
        done.set(profile.name, profile);
      }
    }
    if (later.length === waiting.length) {
      const names = later.map((one) => one.file).join(', ');
      throw ofFile(names, 'circle');
    }
    waiting = later;
  }
  return done;
}

function nameIn(text: string): string | undefined {
  return /^name:\s*["']?([\w-]+)/m.exec(text)?.[1];
}

function unknownParent(name: string, parents: ReadonlyMap<string, Profile>): RuleFault {
  const names = [...parents.keys()].sort();
  const near = nearest(name, names);
  return ruleFault('unknown_parent', {
    name,
    ...(near !== null ? { near } : names.length === 0 ? {} : { known: names.join(', ') }),
  });
}

/** A fault of a whole file, without a line. */
function ofFile(file: string, fault: RuleFaultName, params: SentenceParams = {}): OppsyncError {
  return invalid(file, [{ at: file, excerpt: null, ...ruleFault(fault, params) }]);
}

function invalid(file: string, faults: readonly PlacedFault[]): OppsyncError {
  return new OppsyncError({
    recovery: 'fix',
    ...faultOf('rules.invalid', { file }),
    message: faultLines(faults),
    faults,
  });
}

class Places {
  readonly #source: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #document: Document;

  constructor(source: string, file: string, lines: LineCounter, document: Document) {
    this.#source = source;
    this.#file = file;
    this.#lines = lines;
    this.#document = document;
  }

  /** A fault at a place in the profile. A key that is missing is reported at what should hold it. */
  of(fault: ProfileFault): PlacedFault {
    const node = this.#nearest(fault.path);
    const start = node?.range?.[0] ?? 0;
    const quoted = isScalar(node) && (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') ? 1 : 0;
    // Inside a block of several lines the text no longer lines up with the file: point at its first line.
    const block = isScalar(node) && (node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL');
    return this.at(start + (block ? 0 : quoted + fault.offset), fault);
  }

  at(offset: number, { message, fault, params }: RuleFault): PlacedFault {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#source.length));
    const text = (this.#source.split('\n')[Math.max(line, 1) - 1] ?? '').replaceAll('\t', ' ');
    return {
      ...{ message, fault, params, at: `${this.#file}:${line}:${col}` },
      excerpt: `  ${text}\n  ${' '.repeat(Math.max(0, col - 1))}^`,
    };
  }

  #nearest(path: readonly (string | number)[]): Node | null {
    for (let length = path.length; length >= 0; length -= 1) {
      const part = path.slice(0, length);
      const node = length === 0 ? this.#document.contents : this.#document.getIn(part, true);
      if (!isNode(node)) continue;
      const key = part.at(-1);
      // An unknown key is shown at the key, not at its value.
      const holder = length > 0 ? this.#document.getIn(part.slice(0, -1), true) : null;
      if (isMap(holder) && !isScalar(node) && typeof key === 'string') {
        const pair = holder.items.find((item) => isScalar(item.key) && item.key.value === key);
        if (pair !== undefined && isNode(pair.key)) return pair.key;
      }
      return node;
    }
    return null;
  }
}
