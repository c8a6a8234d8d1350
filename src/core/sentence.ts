/** Says a verdict in one sentence that a sales manager understands. Deterministic; machine values never appear in it. */
import { FLAGS, type FlagName, flagMeaning } from './classify-flags.ts';
import type { Locale, Texts } from './sentence-locale.ts';
import type { Phase, Verdict } from './verdict.ts';

export type { Locale } from './sentence-locale.ts';

/** What the sentence is about. Absent parts are left out of it. */
export interface SentenceSubject {
  readonly name: string;
  /** A decimal number as text. */
  readonly amount?: string | null;
  /** ISO 4217 code. */
  readonly currency?: string | null;
  readonly stageLabel?: string | null;
}

const LONGEST = 250;
const LONGEST_REASON = 255;
const LONGEST_NAME = 60;
const LONGEST_STAGE = 40;

const PHASES: Readonly<Record<Phase, Texts>> = {
  prospecting: { en: 'being prospected', fr: 'en prospection' },
  qualifying: { en: 'being qualified', fr: 'en qualification' },
  meeting: { en: 'at the meeting stage', fr: 'en phase de rendez-vous' },
  proposing: { en: 'at the proposal stage', fr: 'au stade de la proposition' },
  negotiating: { en: 'in negotiation', fr: 'en négociation' },
  committing: { en: 'close to commitment', fr: 'proche de l’engagement' },
  finalising: { en: 'being finalised', fr: 'en cours de finalisation' },
  paused: { en: 'paused', fr: 'en pause' },
};

const STATES = {
  won: { en: 'closed and won', fr: 'fermée et gagnée' },
  lost: { en: 'closed and lost', fr: 'fermée et perdue' },
  cancelled: { en: 'closed, cancelled', fr: 'fermée, annulée' },
  active: { en: 'active', fr: 'active' },
  unknown: { en: 'undecided', fr: 'indéterminée' },
} as const satisfies Readonly<Record<string, Texts>>;

const CAUSES = {
  'operator-decision': {
    en: 'your configuration says so for this stage',
    fr: 'votre configuration le dit pour cette étape',
  },
  'crm-flags': { en: 'the CRM says so', fr: 'le CRM le dit' },
  'stage-metadata': { en: 'its stage says so', fr: 'son étape le dit' },
  dictionary: { en: 'the name of its stage says so', fr: 'le nom de son étape le dit' },
} as const satisfies Readonly<Record<string, Texts>>;

const LOOK: Texts = { en: 'a person must look', fr: 'une personne doit regarder' };

const ENGAGEMENT: Readonly<Record<'engaged' | 'quiet' | 'stale', (days: number) => Texts>> = {
  engaged: (days) => ({
    en: `last contact ${ago(days)}`,
    fr: `dernier contact ${ilYA(days)}`,
  }),
  quiet: (days) => ({
    en: `quiet: last contact ${ago(days)}`,
    fr: `calme : dernier contact ${ilYA(days)}`,
  }),
  stale: (days) => ({
    en: `stale: no contact for ${days} days`,
    fr: `sans nouvelles : aucun contact depuis ${days} jours`,
  }),
};

/** One sentence about a record: what it is, where it stands, why, and what is remarkable. At most 250 characters. */
export function sentence(verdict: Verdict, about: SentenceSubject, locale: Locale): string {
  const parts = [
    `${subject(about, locale)} ${locale === 'fr' ? 'est' : 'is'} ${state(verdict, locale)}`,
    ...reasons(verdict, about.stageLabel ?? null, locale),
    ...remarks(verdict, locale, true),
  ];
  const { state: alive, days } = verdict.engagement;
  if (verdict.status === 'active' && alive !== 'unknown' && days !== null) {
    parts.push(ENGAGEMENT[alive](days)[locale]);
  }
  return joined(parts, locale, LONGEST);
}

/**
 * The text pushed into the CRM. At most 255 characters, and nothing in it changes with the clock alone: no day counts, no
 * engagement, no remark about a date that has passed.
 */
export function reasonText(verdict: Verdict, locale: Locale): string {
  const parts = [
    capital(state(verdict, locale)),
    ...reasons(verdict, null, locale),
    ...remarks(verdict, locale, false),
  ];
  return joined(parts, locale, LONGEST_REASON);
}

function subject(about: SentenceSubject, locale: Locale): string {
  const name =
    short(about.name, LONGEST_NAME) || (locale === 'fr' ? 'Cette opportunité' : 'This opportunity');
  const amount = money(about.amount ?? null, about.currency ?? null, locale);
  return amount === null ? name : `${name} (${amount})`;
}

function state(verdict: Verdict, locale: Locale): string {
  if (verdict.status === 'unknown') return STATES.unknown[locale];
  if (verdict.status === 'closed') return STATES[verdict.outcome ?? 'unknown'][locale];
  const phase = verdict.phase === null ? '' : `, ${PHASES[verdict.phase][locale]}`;
  return STATES.active[locale] + phase;
}

function reasons(verdict: Verdict, stageLabel: string | null, locale: Locale): string[] {
  if (verdict.status === 'unknown') return [LOOK[locale]];
  const held =
    verdict.flags.includes('won_before_complete') || verdict.flags.includes('completeness_missing');
  if (held && verdict.status === 'active') {
    const missing = missingProofs(verdict, locale);
    return missing === '' ? [] : [missing];
  }
  const decider = verdict.because.find((step) => step.decided !== null && Object.hasOwn(CAUSES, step.rule));
  if (decider === undefined) return [];
  const cause = CAUSES[decider.rule as keyof typeof CAUSES][locale];
  if (stageLabel === null || stageLabel.trim() === '') return [cause];
  const quoted = short(stageLabel, LONGEST_STAGE);
  return [`${cause} (${locale === 'fr' ? `étape « ${quoted} »` : `stage “${quoted}”`})`];
}

const PROOFS = {
  accepted: { en: 'acceptance', fr: 'acceptation' },
  contract: { en: 'contract', fr: 'contrat' },
  finance: { en: 'payment', fr: 'paiement' },
} as const satisfies Readonly<Record<string, Texts>>;

/** Which proofs were looked for and not found, from the trace, so that criteria of any name are covered. */
function missingProofs(verdict: Verdict, locale: Locale): string {
  const denied: string[] = [];
  const absent: string[] = [];
  for (const step of verdict.because) {
    const match = /^(?<name>.+): (?<answer>no|not evidenced)$/.exec(step.decided ?? '');
    const name = match?.groups?.['name'];
    if (name === undefined) continue;
    const word = Object.hasOwn(PROOFS, name) ? PROOFS[name as keyof typeof PROOFS][locale] : name;
    (match?.groups?.['answer'] === 'no' ? denied : absent).push(word);
  }
  const said: string[] = [];
  if (denied.length > 0) said.push(`${locale === 'fr' ? 'pas encore : ' : 'not yet: '}${denied.join(', ')}`);
  if (absent.length > 0)
    said.push(`${locale === 'fr' ? 'sans preuve : ' : 'no proof: '}${absent.join(', ')}`);
  return said.join(locale === 'fr' ? ' ; ' : '; ');
}

function remarks(verdict: Verdict, locale: Locale, withClock: boolean): string[] {
  const said: string[] = [];
  for (const flag of verdict.flags) {
    const meaning = flagMeaning(flag);
    // The cause already says it.
    if (flag === ('decided_by_configuration' satisfies FlagName) && verdict.status !== 'unknown') continue;
    if (meaning === null) said.push(flag.replaceAll('_', ' '));
    else if (withClock || !meaning.byClock) said.push(meaning.text[locale]);
  }
  return said;
}

/** Joins as many parts as fit, the most important first, and ends the sentence. */
function joined(parts: readonly string[], locale: Locale, longest: number): string {
  const [first = '', ...rest] = parts;
  const colon = locale === 'fr' ? ' : ' : ': ';
  const semicolon = locale === 'fr' ? ' ; ' : '; ';
  let text = first;
  let added = 0;
  for (const part of rest) {
    const next = text + (added === 0 ? colon : semicolon) + part;
    if (next.length + 1 > longest) continue;
    text = next;
    added += 1;
  }
  return `${short(text, longest - 1)}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Most names are: then there is nothing to replace, and looking is far cheaper. Latin, Greek, Cyrillic, Japanese, Chinese and
 * Korean letters, without the gaps and marks between them.
 */
const ONE_PLAIN_LINE = /^(?:[!-~¡-¬®-ʯΑ-ΡΣ-ώА-џ–—‘’“”ぁ-ゖァ-ヺー一-鿿가-힣]+(?: |$))+(?<! )$/;
/** Made once: making it costs more than its work. */
const CHARACTERS = new Intl.Segmenter('und');

/** One line, at most `longest` UTF-16 units, never cut inside a character. */
function short(text: string, longest: number): string {
  const line = ONE_PLAIN_LINE.test(text) ? text : text.replace(/[\p{C}\s]+/gu, ' ').trim();
  if (line.length <= longest) return line;
  let cut = '';
  for (const { segment } of CHARACTERS.segment(line)) {
    if (cut.length + segment.length > longest - 1) break;
    cut += segment;
  }
  return `${cut.trimEnd()}…`;
}

/** Digits grouped as the locale does, on the text itself: amounts are never floats. */
function money(amount: string | null, currency: string | null, locale: Locale): string | null {
  const match = /^(?<sign>-?)(?<whole>\d{1,24})(?:\.(?<fraction>\d+))?$/.exec(amount?.trim() ?? '');
  const whole = match?.groups?.['whole'];
  if (whole === undefined) return null;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, locale === 'fr' ? ' ' : ',');
  const fraction = (match?.groups?.['fraction'] ?? '').replace(/0+$/, '');
  const cents = fraction === '' ? '' : (locale === 'fr' ? ',' : '.') + fraction.padEnd(2, '0').slice(0, 2);
  const number = `${match?.groups?.['sign'] ?? ''}${grouped}${cents}`;
  if (currency === null || currency.trim() === '') return number;
  return locale === 'fr' ? `${number} ${currency}` : `${currency} ${number}`;
}

function ago(days: number): string {
  return days === 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}

function ilYA(days: number): string {
  return days === 0 ? 'aujourd’hui' : days === 1 ? 'hier' : `il y a ${days} jours`;
}

/** What a flag means, in words; a team's own flag is given back readable. */
export function flagText(flag: string, locale: Locale): string {
  return Object.hasOwn(FLAGS, flag) ? FLAGS[flag as FlagName].text[locale] : flag.replaceAll('_', ' ');
}

/**
 * The step of the proof that decided where the opportunity stands: the last one that set a standing, as rules refine what
 * the CRM says. Null when none did.
 */
export function deciderOf(verdict: Verdict): Verdict['because'][number] | null {
  return (
    verdict.because.findLast(
      ({ decided }) => decided !== null && /^(?:active|closed|unknown)(?:\/|$)/.test(decided),
    ) ?? null
  );
}
