/** Sentences with a name and what fills them, so that they can be told in another language as well. Pure. */

/** `{name}` stands for a parameter; a part in `[…]` is left out when the parameter in it is missing. */
export interface Sentence {
  readonly message: string;
  readonly remedy: string;
}

export type SentenceParams = Readonly<Record<string, string>>;

/** A sentence in English, with all that its translation needs. */
export interface Told extends Sentence {
  /** Stable name of the sentence, `family.what`. */
  readonly says: string;
  readonly params: SentenceParams;
}

export type Tell<What extends string> = (what: What, params?: SentenceParams) => Told;

/** Fills a template; what it names and was not given stays as it is written there. */
export function fillIn(template: string, params: SentenceParams): string {
  const kept = template.replace(/\[([^\]]*\{(\w+)\}[^\]]*)\]/g, (_all, part: string, name: string) =>
    Object.hasOwn(params, name) ? part : '',
  );
  // Without the part it begins with, a sentence begins with the next word.
  const whole = template.startsWith('[') ? kept.charAt(0).toUpperCase() + kept.slice(1) : kept;
  return whole.replace(/\{(\w+)\}/g, (all, name: string) => params[name] ?? all);
}

/** Tells the sentences of one family, a table of English ones. */
export function teller<What extends string>(
  family: string,
  sentences: Readonly<Record<What, Sentence>>,
): Tell<What> {
  return (what, params = {}) => ({
    message: fillIn(sentences[what].message, params),
    remedy: fillIn(sentences[what].remedy, params),
    says: `${family}.${what}`,
    params,
  });
}
