/** What the companies of one country are called and how people there write about a sale. All names are invented. */
export interface Country {
  readonly name: string;
  /** Top part of a domain, under the reserved name `.example`. */
  readonly code: string;
  readonly currency: string;
  /** How a company name is made: `{head}` and `{tail}` are replaced. */
  readonly pattern: string;
  /** Own names and trades: `native|latin` where the script is not Latin. */
  readonly heads: readonly string[];
  readonly tails: readonly string[];
  readonly cities: readonly string[];
  readonly products: readonly string[];
  readonly nextSteps: readonly string[];
  readonly lostReasons: readonly string[];
}

/** The native part of `native|latin`. */
export function native(text: string): string {
  return text.split('|')[0] ?? text;
}

/** The part that fits an e-mail address or a domain: lower-case ASCII letters and digits. */
export function slug(text: string): string {
  const latin = text.split('|')[1] ?? text;
  return latin
    .normalize('NFD')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replace(/[^0-9A-Za-z]/g, '')
    .toLowerCase();
}
