/** Rules from files: the shipped profiles and a team's own, and the dictionary of stage names. Read once per process. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readDictionaryFiles } from '../config/dictionaries/read.ts';
import { nearest } from '../config/nearest.ts';
import { isProfileFile } from '../config/profile-name.ts';
import { readProfileFiles } from '../config/rules/read.ts';
import type { StageDecision } from './core/classify.ts';
import type { Dictionary } from './core/dictionary.ts';
import { parseDictionaries } from './core/dictionary-parse.ts';
import { OppsyncError } from './core/errors.ts';
import { faultOf } from './core/fault-sentences.ts';
import type { Crm } from './core/ids.ts';
import type { Profile } from './core/profile.ts';
import { parseProfile, parseProfiles } from './core/profile-yaml.ts';
import type { Locale } from './core/sentence.ts';
import type { SyncSettings } from './core/settings.ts';
import { createClassifier } from './engine/classifier.ts';
import type { Classifier } from './engine/deps.ts';

/** Everything that decides active or closed, with a digest that changes with any of it. */
export interface Rules {
  readonly profile: Profile;
  readonly dictionary: Dictionary;
  readonly digest: string;
}

interface Shipped {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly dictionary: Dictionary;
  readonly digest: string;
}

let shipped: Shipped | undefined;

function readShipped(): Shipped {
  if (shipped !== undefined) return shipped;
  const profiles = readProfileFiles();
  const dictionaries = readDictionaryFiles();
  const sha = createHash('sha256');
  for (const { file, text } of [...profiles, ...dictionaries]) sha.update(`${file}\n${text}\n`);
  shipped = {
    profiles: parseProfiles(profiles),
    dictionary: parseDictionaries(dictionaries),
    digest: sha.digest('hex'),
  };
  return shipped;
}

/** The shipped profiles by name, the standard one first. */
export function shippedProfiles(): ReadonlyMap<string, Profile> {
  return readShipped().profiles;
}

/**
 * The rules of a profile, by the name of a shipped one or by the path of a file, relative to `folder`.
 *
 * @throws OppsyncError `fix` for an unknown name, a file that cannot be read, or a fault in it (with line and caret)
 */
export function loadRules(profile: string, folder: string): Rules {
  const { profiles, dictionary, digest } = readShipped();
  if (!isProfileFile(profile)) {
    const known = profiles.get(profile);
    if (known === undefined) throw unknownProfile(profile, [...profiles.keys()]);
    return { profile: known, dictionary, digest };
  }
  const text = readTeamFile(profile, folder);
  const own = createHash('sha256').update(digest).update(text).digest('hex');
  return { profile: parseProfile(text, profile, profiles), dictionary, digest: own };
}

function readTeamFile(file: string, folder: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(resolve(folder, file)));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'not UTF-8';
    throw new OppsyncError({
      recovery: 'fix',
      ...faultOf('profile.unreadable', { file, reason, folder }),
      cause,
    });
  }
}

function unknownProfile(name: string, known: readonly string[]): OppsyncError {
  const near = nearest(name, known);
  return new OppsyncError({
    recovery: 'fix',
    ...faultOf('profile.unknown', { name, known: known.join(', '), ...(near === null ? {} : { near }) }),
  });
}

/** The classifier of one sync by its settings. */
export function classifierOf(
  rules: Rules,
  settings: Pick<SyncSettings, 'decisions' | 'languages'>,
  locale: Locale,
): Classifier {
  return createClassifier({
    profile: rules.profile,
    dictionary: rules.dictionary,
    decisions: decisionMaps(settings.decisions ?? {}),
    languages: settings.languages ?? {},
    locale,
  });
}

function decisionMaps(
  decisions: NonNullable<SyncSettings['decisions']>,
): Readonly<Record<Crm, ReadonlyMap<string, StageDecision>>> {
  return Object.fromEntries(
    Object.entries(decisions).map(([crm, stages]) => [crm, new Map(Object.entries(stages))]),
  );
}
