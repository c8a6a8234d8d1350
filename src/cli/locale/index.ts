import { fill } from '../../../config/sentences.ts';
import { EN } from './en.ts';
import { FR } from './fr.ts';

export const LOCALES = ['en', 'fr'] as const;
export type Locale = (typeof LOCALES)[number];
export type MessageKey = keyof typeof EN;
export type Messages = Readonly<Record<MessageKey, string>>;

type Params = Readonly<Record<string, string | number>>;

/** Words and numbers in one language. Machine values (codes, ids, field names) are never translated. */
export interface Words {
  readonly locale: Locale;
  /** The sentence of a key, filled in; numbers are written the language's way. */
  say(key: MessageKey, params?: Params): string;
  /** `key.one` or `key.other` by the language's own rule, with `{n}` filled in. */
  count(key: PluralKey, n: number): string;
  /** Looks up a key that may not exist, such as the translation of a stable code. */
  find(key: string, params?: Params): string | null;
  number(n: number): string;
  duration(ms: number): string;
  /** Date and time with the zone, to the second; in this machine's zone when none is given. */
  moment(at: number, timeZone?: string): string;
}

export type PluralKey = { [K in MessageKey]: K extends `${infer Stem}.one` ? Stem : never }[MessageKey];

const MESSAGES: Readonly<Record<Locale, Messages>> = { en: EN, fr: FR };

export function isLocale(text: string): text is Locale {
  return (LOCALES as readonly string[]).includes(text);
}

/** The words of a language. */
export function wordsFor(locale: Locale): Words {
  const messages = MESSAGES[locale];
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const written = (params: Params): Record<string, string> =>
    Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        typeof value === 'number' ? numbers.format(value) : value,
      ]),
    );
  const find: Words['find'] = (key, params = {}) =>
    Object.hasOwn(messages, key) ? fill(messages[key as MessageKey], written(params)) : null;
  return {
    locale,
    find,
    say: (key, params = {}) => fill(messages[key], written(params)),
    count(key, n) {
      const form = plurals.select(n) === 'one' ? 'one' : 'other';
      return fill(messages[`${key}.${form}` as MessageKey], { n: numbers.format(n) });
    },
    number: (n) => numbers.format(n),
    duration(ms) {
      if (ms < 1000) return `${Math.round(ms)} ms`;
      const seconds = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(
        ms < 60_000 ? ms / 1000 : Math.round((ms % 60_000) / 1000),
      );
      return ms < 60_000 ? `${seconds} s` : `${Math.floor(ms / 60_000)} min ${seconds} s`;
    },
    moment: (at, timeZone) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'long', timeZone }).format(at),
  };
}
