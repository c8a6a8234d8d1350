import { reasonText } from '../../core/match-sentences.ts';
import {
  PAIR_BANDS,
  type PairBand,
  type PairingReport,
  type ReportedPair,
} from '../../core/pairing-report.ts';
import { crmTitle } from '../../crm-title.ts';
import type { Colours } from '../colours.ts';
import type { Words } from '../locale/index.ts';
import { csvText } from './csv.ts';
import { table } from './table.ts';
import { short } from './text.ts';

const SHOWN = 30;
const SHOWN_DUPLICATES = 10;
const MADE: readonly PairBand[] = ['adopted', 'accepted'];

/** Totals, then the proposals with their reasons; `all` shows everything, pairs that are made included. */
export function pairingText(report: PairingReport, all: boolean, words: Words, colours: Colours): string {
  const listed = report.pairs.filter(({ band }) => all || !MADE.includes(band));
  const shown = all ? listed : listed.slice(0, SHOWN);
  const parts = [
    `${colours.bold(words.say('pair.title', { sync: report.sync }))}\n${totals(report, words, colours)}`,
  ];
  if (listed.length === 0) parts.push(`${words.say('pair.none')}\n`);
  else {
    parts.push(pairTable(shown, report.sides, words, colours));
    if (shown.length < listed.length)
      parts.push(`${words.say('pair.more', { n: listed.length - shown.length })}\n`);
  }
  const duplicates = duplicatesText(report, all, words, colours);
  if (duplicates !== '') parts.push(duplicates);
  parts.push(`${nextSteps(report, words).join('\n')}\n`);
  return parts.join('\n');
}

function totals(report: PairingReport, words: Words, colours: Colours): string {
  const count = (band: PairBand): number => report.pairs.filter((pair) => pair.band === band).length;
  const bands = (list: readonly PairBand[]): string =>
    list
      .filter((band) => count(band) > 0)
      .map((band) => `${words.number(count(band))} ${words.say(`band.${band}`)}`)
      .join(' · ') || '0';
  const perSide = (of: (crm: string) => number): string =>
    report.sides.map((crm) => words.say('pair.in', { n: of(crm), crm: crmTitle(crm) })).join(' · ');
  return table(
    colours,
    [],
    [
      [words.say('report.read'), perSide((crm) => report.records[crm] ?? 0)],
      [words.say('pair.made'), bands(MADE)],
      [words.say('pair.proposed'), bands(['certain', 'ask', 'ambiguous'])],
      ...(count('apart') === 0 ? [] : [['', bands(['apart'])]]),
      [words.say('pair.alone'), perSide((crm) => report.orphans[crm]?.length ?? 0)],
      [words.say('pair.duplicates'), perSide((crm) => report.duplicates[crm]?.length ?? 0)],
    ].map(([label = '', text = '']) => [colours.dim(label), text]),
  );
}

function pairTable(
  pairs: readonly ReportedPair[],
  sides: readonly [string, string],
  words: Words,
  colours: Colours,
): string {
  return table(
    colours,
    [words.say('pair.band'), words.say('pair.score'), ...sides.map(crmTitle), words.say('pair.reasons')],
    pairs.map((pair) => [
      words.say(`band.${pair.band}`),
      { right: MADE.includes(pair.band) || pair.band === 'apart' ? '' : scoreText(pair.score) },
      ...sides.map((crm) => `${short(pair.ids[crm] ?? '', 18)} ${short(pair.names[crm] ?? '', 34)}`),
      short(reasons(pair, words.locale), 120),
    ]),
  );
}

/** Down, never up: 1.00 would say that nothing is left to doubt. */
function scoreText(score: number): string {
  return (Math.floor(score * 1000) / 1000).toFixed(3);
}

function reasons(pair: ReportedPair, locale: Words['locale']): string {
  return pair.facts.map((fact) => reasonText(fact, locale)).join(', ');
}

function duplicatesText(report: PairingReport, all: boolean, words: Words, colours: Colours): string {
  const lines = report.sides.flatMap((crm) =>
    (report.duplicates[crm] ?? []).map(
      (group) => `  ${crmTitle(crm)}: ${group.map((id) => short(id, 40)).join(', ')}\n`,
    ),
  );
  if (lines.length === 0) return '';
  const shown = all ? lines : lines.slice(0, SHOWN_DUPLICATES);
  const rest = lines.length - shown.length;
  return [
    `${colours.bold(words.say('pair.duplicates_title'))}\n`,
    ...shown,
    ...(rest === 0 ? [] : [`  ${words.say('pair.more', { n: rest })}\n`]),
  ].join('');
}

function nextSteps(report: PairingReport, words: Words): string[] {
  const has = (bands: readonly PairBand[]): boolean => report.pairs.some(({ band }) => bands.includes(band));
  return [
    words.say('pair.nothing_written'),
    ...(has(['certain']) ? [words.say('pair.next_certain')] : []),
    ...(has(['certain', 'ask', 'ambiguous']) ? [words.say('pair.next_one')] : []),
  ];
}

/** The document of design section 10. Reasons are English whatever the locale: machines read them. */
export function pairingDocument(report: PairingReport): unknown {
  return {
    pairs: report.pairs.map((pair) => ({
      ...pair.ids,
      band: pair.band,
      score: pair.score,
      reasons: pair.facts.map((fact) => reasonText(fact, 'en')),
    })),
    orphans: report.orphans,
    duplicates: report.duplicates,
  };
}

/** One line per pair, then one per record without a counterpart and per duplicate. */
export function pairingCsv(report: PairingReport, words: Words): string {
  const [a, b] = report.sides;
  const one = (crm: string, id: string, band: string, why: string): string[] =>
    crm === a ? [band, '', id, '', '', '', why] : [band, '', '', '', id, '', why];
  return csvText([
    ['band', 'score', a, `${a}_name`, b, `${b}_name`, 'reasons'],
    ...PAIR_BANDS.flatMap((band) => report.pairs.filter((pair) => pair.band === band)).map((pair) => [
      pair.band,
      pair.score,
      pair.ids[a] ?? '',
      pair.names[a] ?? '',
      pair.ids[b] ?? '',
      pair.names[b] ?? '',
      reasons(pair, words.locale),
    ]),
    ...report.sides.flatMap((crm) => (report.orphans[crm] ?? []).map((id) => one(crm, id, 'orphan', ''))),
    ...report.sides.flatMap((crm) =>
      (report.duplicates[crm] ?? []).flatMap((group) =>
        group.map((id) => one(crm, id, 'duplicate', group.filter((other) => other !== id).join(' '))),
      ),
    ),
  ]);
}
