/**
 * One portfolio, entered twice by people who type differently: the ground for measuring how well pairing finds what
 * belongs together. Everything comes from the seed; every rate is an option.
 */
import type { MatchRecord } from '../../src/core/match-corpus.ts';
import { createRandom } from '../../src/sandbox/random.ts';
import type { SandboxRandom } from '../../src/sandbox/simulator.ts';

export interface PerturbOptions {
  readonly seed: string | number;
  /** Opportunities in the portfolio, look-alikes not counted. */
  readonly size: number;
  readonly rates?: Partial<Rates>;
}

/** Share of records, 0..1, that each thing happens to (each side on its own, unless said otherwise). */
export interface Rates {
  readonly typo: number;
  readonly legalForm: number;
  readonly wordOrder: number;
  readonly accents: number;
  readonly letterCase: number;
  /** Amount as text in the notation of some country. */
  readonly notation: number;
  /** Close date moved by 1 to 10 days on one side. */
  readonly closeDate: number;
  /** Net on one side, gross on the other. */
  readonly tax: number;
  readonly noOwner: number;
  /** Per deal: another, different deal that looks like it. */
  readonly lookAlike: number;
  /** The deal is entered twice in one CRM. */
  readonly duplicate: number;
  /** Per deal: it exists in one CRM only. */
  readonly oneSided: number;
  /** The company stands in the account and not in the name (first side). */
  readonly accountApart: number;
}

export const RATES: Rates = {
  typo: 0.15,
  legalForm: 0.3,
  wordOrder: 0.15,
  accents: 0.2,
  letterCase: 0.1,
  notation: 0.15,
  closeDate: 0.35,
  tax: 0.1,
  noOwner: 0.1,
  lookAlike: 0.05,
  duplicate: 0.03,
  oneSided: 0.04,
  accountApart: 0.1,
};

/** A deal as it truly is. */
export interface TrueDeal {
  readonly key: string;
  readonly company: string;
  readonly subject: string;
  readonly amount: number | null;
  readonly currency: string;
  /** Days since 1970-01-01. */
  readonly closeDay: number | null;
  readonly createdDay: number;
  readonly owner: string;
  readonly standing: MatchRecord['standing'];
}

/** A record of one CRM, and the deal it is about. */
export interface Entry {
  readonly record: MatchRecord;
  readonly deal: string;
}

export interface Perturbed {
  readonly left: readonly Entry[];
  readonly right: readonly Entry[];
}

const HEADS =
  'Arkona Belvoir Cascadia Dravec Elmhurst Fjordane Grivaldi Hohenau Isarwerk Jardine Kestrel Lavande Moravec Nyström Ostrava Peñalver Quintero Rønning Šumava Tarragó Uhlenhorst Vásquez Wessling Xantener Ybarra Zürbach Ålesund Brückner Châtelet Dvořák Eötvös Frühling Güntner Hájek Iñiguez Jönsson Król Løvstad Müller Noël Óbidos Pålsson Règnier Sørensen Tömösi Ünal Västerås Wójcik Yıldız Žižkov'.split(
    ' ',
  );
const MIDDLES =
  'Nord Sud Alpin Baltic Central Delta Euro Forte Global Inter Meridian Nova Omni Prima Regal Solar Terra Ultra Vector West'.split(
    ' ',
  );
const TRADES =
  'Logistics Maschinenbau Énergie Pharma Textil Papier Software Consulting Foods Bau Elektronik Médical Optik Verlag Transport Chemie Stahl Holz Glas Robotics Seguros Immobilien Tourisme Aviation Marine'.split(
    ' ',
  );
const FORMS: readonly (readonly string[])[] = [
  ['GmbH', 'G.m.b.H.', 'Gmbh', ''],
  ['AG', ''],
  ['SAS', 'S.A.S.', ''],
  ['S.p.A.', 'SpA', ''],
  ['Ltd', 'Limited', 'Ltd.', ''],
  ['Inc.', 'Inc', ', Inc.', ''],
  ['sp. z o.o.', 'Sp. z o. o.', ''],
  ['s.r.o.', 'sro', ''],
  ['B.V.', 'BV', ''],
  ['A/S', 'AS', ''],
  ['Oy', ''],
  ['GmbH & Co. KG', 'GmbH', ''],
  ['S.L.', 'SL', ''],
];
const SUBJECTS =
  'Annual licence|Data migration|Support renewal|Training package|Rollout phase 1|Expansion of seats|Managed service|Audit|Integration project|Hardware refresh|Site survey|Maintenance contract|Cloud move|Pilot|Framework agreement'.split(
    '|',
  );
const TAXES = [1.19, 1.2, 1.077, 1.21, 1.25, 1.1, 1.22];
const CURRENCIES = ['EUR', 'EUR', 'EUR', 'USD', 'GBP', 'CHF'];
const FIRST_DAY = 20_000;

/** A portfolio of invented companies, about six deals each. */
export function truePortfolio(size: number, seed: string | number): TrueDeal[] {
  const random = createRandom(`portfolio ${seed}`);
  const companies = Math.max(1, Math.ceil(size / 6));
  return Array.from({ length: size }, (_, i) => {
    const company = companyName(random.int(0, companies - 1), seed);
    const closeDay = FIRST_DAY + random.int(0, 720);
    return {
      key: `d${i}`,
      company,
      subject: subjectOf(random.pick(SUBJECTS), closeDay, random),
      amount: random.next() < 0.04 ? null : amountOf(random),
      currency: random.pick(CURRENCIES),
      closeDay: random.next() < 0.01 ? null : closeDay,
      createdDay: closeDay - random.int(10, 200),
      owner: `${random
        .pick(HEADS)
        .toLowerCase()
        .replaceAll(/[^a-z]/g, 'x')}${random.int(1, 3)}@seller.example`,
      standing: random.pick(['open', 'open', 'won', 'lost'] as const),
    };
  });
}

function companyName(index: number, seed: string | number): string {
  const random = createRandom(`company ${seed} ${index}`);
  const middle = random.next() < 0.7 ? ` ${random.pick(MIDDLES)}` : '';
  const second = random.next() < 0.5 ? `-${random.pick(HEADS)}` : '';
  return `${random.pick(HEADS)}${second}${middle} ${random.pick(TRADES)} ${random.pick(FORMS)[0] ?? ''}`;
}

function subjectOf(subject: string, closeDay: number, random: SandboxRandom): string {
  const year = new Date(closeDay * 86_400_000).getUTCFullYear();
  const style = random.next();
  return style < 0.5
    ? `${subject} ${year}`
    : style < 0.65
      ? `${subject} Q${random.int(1, 4)} ${year}`
      : subject;
}

function amountOf(random: SandboxRandom): number {
  const worth = Math.exp(9.5 + 1.2 * (random.next() + random.next() + random.next() - 1.5) * 1.6);
  const step = random.pick([0.01, 1, 10, 100, 500, 1000]);
  return Math.max(step, Math.round(Math.round(worth / step) * step * 100) / 100);
}

/** Enters every deal into both CRMs, as two teams would. */
export function perturb(deals: readonly TrueDeal[], options: Omit<PerturbOptions, 'size'>): Perturbed {
  const rates: Rates = { ...RATES, ...options.rates };
  const random = createRandom(`perturb ${options.seed}`);
  const left: Entry[] = [];
  const right: Entry[] = [];
  let number = 0;
  const enter = (deal: TrueDeal, side: 0 | 1, draw: SandboxRandom): void => {
    const times = draw.next() < rates.duplicate ? 2 : 1;
    for (let time = 0; time < times; time++) {
      const id = `${side === 0 ? '006' : '9'}${String(Math.floor(draw.next() * 1e9)).padStart(9, '0')}${number++}`;
      const entry = { record: typed(deal, id, side, rates, draw), deal: deal.key };
      (side === 0 ? left : right).push(entry);
    }
  };
  for (const deal of deals) {
    const draw = random.fork(deal.key);
    const sides = draw.next() < rates.oneSided ? draw.pick([[0], [1]]) : [0, 1];
    const twin = draw.next() < rates.lookAlike ? lookAlike(deal, draw) : null;
    // The worst case of all: the deal on one side only, its look-alike on the other only.
    const crossed = twin !== null && draw.next() < 0.25;
    const onlyFor = draw.pick([0, 1]);
    for (const side of (crossed ? [onlyFor] : sides) as (0 | 1)[]) enter(deal, side, draw);
    if (twin === null) continue;
    const own = crossed ? [1 - onlyFor] : draw.pick([[0, 1], [0, 1], [0], [1]]);
    for (const side of own as (0 | 1)[]) enter(twin, side, draw);
  }
  return { left, right };
}

/** A deal people would take for the given one at a glance. */
function lookAlike(deal: TrueDeal, random: SandboxRandom): TrueDeal {
  const key = `${deal.key}'`;
  const later = (days: number): number | null => (deal.closeDay === null ? null : deal.closeDay + days);
  const near = deal.amount === null ? null : Math.round(deal.amount * random.pick([1, 1, 1.03, 0.95, 1.1]));
  const year = /\b20\d\d\b/.exec(deal.subject)?.[0];
  switch (random.int(0, 4)) {
    case 0: {
      // Next year's: the same words and the same money.
      const subject =
        year === undefined ? deal.subject : deal.subject.replace(year, String(Number(year) + 1));
      return { ...deal, key, subject, amount: near, closeDay: later(random.int(355, 375)) };
    }
    case 1:
      return {
        ...deal,
        key,
        subject: `${deal.subject} – phase 2`,
        amount: near,
        closeDay: later(random.int(20, 120)),
      };
    case 2:
      // A second order under the same name.
      return {
        ...deal,
        key,
        amount: deal.amount === null ? null : Math.round(deal.amount * random.pick([0.4, 0.7, 1.5, 2.2])),
        closeDay: later(random.int(15, 150)),
      };
    case 3: {
      const other = random.pick(SUBJECTS.filter((subject) => !deal.subject.startsWith(subject)));
      return {
        ...deal,
        key,
        subject: `${other}${year === undefined ? '' : ` ${year}`}`,
        closeDay: later(random.int(0, 10)),
      };
    }
    default: {
      // Another branch of the company buys the same.
      const [city, closeDay] = [
        random.pick(['Lyon', 'Graz', 'Porto', 'Leeds', 'Turku']),
        later(random.int(0, 30)),
      ];
      return { ...deal, key, company: `${deal.company} ${city}`, amount: near, closeDay };
    }
  }
}

function typed(deal: TrueDeal, id: string, side: 0 | 1, rates: Rates, random: SandboxRandom): MatchRecord {
  const hit = (rate: number): boolean => random.next() < rate;
  let company = deal.company;
  if (hit(rates.legalForm)) company = otherForm(company, random);
  const apart = side === 0 && hit(rates.accountApart);
  const parts = apart ? [deal.subject] : [company, deal.subject];
  if (hit(rates.wordOrder)) parts.reverse();
  let name = parts.join(random.pick([' – ', ' - ', ': ', ' / ', ' ']));
  if (hit(rates.accents))
    name = name.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('ø', 'o').replaceAll('ł', 'l');
  if (hit(rates.letterCase)) name = random.next() < 0.5 ? name.toUpperCase() : name.toLowerCase();
  if (hit(rates.typo)) name = misspelt(name, random);
  const shifted = hit(rates.closeDate / 2) ? random.int(-10, 10) : 0;
  let amount = deal.amount;
  if (amount !== null && hit(rates.tax / 2)) amount = Math.round(amount * random.pick(TAXES) * 100) / 100;
  return {
    id,
    name,
    account: apart || (side === 0 && random.next() < 0.5) ? company : null,
    amount: amount === null ? null : hit(rates.notation) ? noted(amount, random) : String(amount),
    currency: hit(0.1) ? deal.currency.toLowerCase() : deal.currency,
    closeDate: deal.closeDay === null ? null : dateOf(deal.closeDay + shifted),
    createdAt: (deal.createdDay + random.int(0, side === 0 ? 0 : 30)) * 86_400_000,
    owner: hit(rates.noOwner) ? null : deal.owner,
    standing: deal.standing,
  };
}

function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

function otherForm(company: string, random: SandboxRandom): string {
  const forms = FORMS.find((list) => company.includes(` ${list[0]}`));
  if (forms === undefined) return `${company} ${random.pick(['GmbH', 'Ltd', 'Inc.'])}`;
  return company
    .replace(` ${forms[0]}`, ` ${random.pick(forms)}`)
    .replace(' ,', ',')
    .trim();
}

function misspelt(name: string, random: SandboxRandom): string {
  const letters = [...name];
  const places = letters.flatMap((letter, at) => (/\p{L}/u.test(letter) && at > 0 ? [at] : []));
  if (places.length === 0) return name;
  const at = random.pick(places);
  const letter = letters[at] ?? '';
  switch (random.int(0, 3)) {
    case 0:
      letters.splice(at, 1);
      break;
    case 1:
      letters.splice(at, 0, letter);
      break;
    case 2:
      letters[at] = random.pick([...'aeinrst']);
      break;
    default:
      letters[at] = letters[at - 1] ?? '';
      letters[at - 1] = letter;
  }
  return letters.join('');
}

/** The amount as somebody types it who was brought up with another decimal mark. */
function noted(amount: number, random: SandboxRandom): string {
  const [whole = '', cents = '00'] = amount.toFixed(2).split('.');
  const grouped = (mark: string): string => whole.replaceAll(/\B(?=(\d{3})+$)/g, mark);
  return random.pick([
    `${grouped('.')},${cents}`,
    `${grouped(',')}.${cents}`,
    `${grouped(' ')},${cents} €`,
    `€ ${grouped('.')},${cents}`,
    `${grouped('’')}.${cents}`,
  ]);
}
