/**
 * What classifying and measuring cost: time per record, records per second, and the ratio to JSON.parse of the same records
 * and to a hand-written chain of ifs. Ratios are what counts; they hold across machines. Time is that of the working thread,
 * so that other programs do not disturb. Usage: npm run bench:classify [-- records]
 */
import { readDictionaryFiles } from '../config/dictionaries/read.ts';
import { readProfileFiles } from '../config/rules/read.ts';
import { type ClassifyContext, classify } from '../src/core/classify.ts';
import { parseDictionaries } from '../src/core/dictionary-parse.ts';
import { type Division, measurePortfolio } from '../src/core/measure-portfolio.ts';
import type { HistoryEntry, MeasureContext } from '../src/core/measure-record.ts';
import { measuredRecord, stageBook } from '../src/core/measure-snapshot.ts';
import type { Evidence, Fields } from '../src/core/opportunity.ts';
import { parseProfiles } from '../src/core/profile-yaml.ts';
import type { Verdict } from '../src/core/verdict.ts';

const COUNT = Number(process.argv[2] ?? 50_000);
const ROUNDS = 9;
/** Both together, in times of JSON.parse. */
const TARGET = 3;
const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const LABELS = [
  'Prospecting',
  'Devis envoyé',
  'Verhandlung',
  'On hold',
  'Closed Won',
  'Perdu',
  'Cancelled',
  'Contract sent',
];

interface Bench {
  readonly id: string;
  /** As it came over the wire. */
  readonly text: string;
  readonly evidence: Evidence;
  readonly fields: Fields;
  readonly history: readonly HistoryEntry[];
}

/** A deal as HubSpot sends it, about 1 KB, with what is read from it; every tenth was seen to change. */
function record(at: number): Bench {
  const stage = at % LABELS.length;
  const closed = stage >= 4 && stage <= 6;
  const evidence: Evidence = {
    isClosed: closed,
    isWon: stage === 4,
    isLost: stage === 5 || stage === 6,
    stageKey: `default/${1_000_000 + stage}`,
    stageLabel: LABELS[stage] ?? '',
    pipelineLabel: 'Sales Pipeline',
    stageExists: true,
    stageIsClosed: closed,
    stageIsWon: stage === 4,
    stageProbability: stage === 4 ? 1 : closed ? 0 : 0.4,
    probability: stage === 4 ? 1 : closed ? 0 : 0.4,
    createdAt: NOW - (at % 400) * DAY,
    stageChangedAt: NOW - (at % 60) * DAY,
    lastContactAt: at % 5 === 0 ? null : NOW - (at % 90) * DAY,
    closeDate: at % 2 === 0 ? '2026-12-31' : '2026-10-01',
    custom: { contractSigned: at % 3 === 0, paid: at % 4 === 0, accepted: true, deliveryBegun: at % 7 !== 0 },
  };
  const properties = {
    dealname: `Renewal of the maintenance contract ${at}`,
    amount: `${(at * 37) % 90_000}.50`,
    closedate: '2026-12-31T00:00:00Z',
    createdate: '2026-01-15T09:30:00.000Z',
    dealstage: `${1_000_000 + stage}`,
    pipeline: 'default',
    hs_is_closed: String(closed),
    hs_is_closed_won: String(stage === 4),
    hs_is_closed_lost: String(stage === 5 || stage === 6),
    hs_deal_stage_probability: '0.4',
    hs_lastmodifieddate: '2026-11-20T10:11:12.345Z',
    notes_last_contacted: '2026-11-01T10:00:00Z',
    hubspot_owner_id: '123456789',
    deal_currency_code: 'EUR',
    hs_next_step: 'Call the purchasing department about the revised conditions of the framework contract',
    description: 'Customer since 2019; two subsidiaries joined in spring and need to be included. '.repeat(3),
  };
  const text = JSON.stringify({
    id: String(9_000_000_000 + at),
    properties,
    createdAt: '2026-01-15T09:30:00.000Z',
    archived: false,
  });
  const fields: Fields = {
    name: properties.dealname,
    stage: evidence.stageKey ?? null,
    amount: properties.amount,
    currency: 'EUR',
    closeDate: evidence.closeDate ?? null,
    owner: `seller${at % 40}@example.com`,
    nextStep: properties.hs_next_step,
  };
  return {
    id: String(9_000_000_000 + at),
    text,
    evidence,
    fields,
    history: at % 10 === 0 ? changes(at) : [],
  };
}

function changes(at: number): readonly HistoryEntry[] {
  const day = (days: number): number => NOW - days * DAY;
  return [
    { at: day(90), field: 'stage', from: 'default/1000001', to: 'default/1000000' },
    { at: day(60), field: 'closeDate', from: '2026-09-30', to: '2026-10-15' },
    { at: day(30), field: 'amount', from: `${at % 5_000}.00`, to: `${at % 9_000}.00` },
  ];
}

/** What a programmer would write by hand for one CRM and one way of closing. */
function byHand(e: Evidence): string {
  if (e.isClosed === true) {
    if (e.isWon === true) return e.custom?.['contractSigned'] === false ? 'active/finalising' : 'closed/won';
    return e.stageLabel === 'Cancelled' ? 'closed/cancelled' : 'closed/lost';
  }
  if (e.isClosed === false) return e.stageLabel === 'On hold' ? 'active/paused' : 'active';
  if (e.stageIsClosed === true) return e.stageIsWon === true ? 'closed/won' : 'closed/lost';
  return e.stageIsClosed === false ? 'active' : 'unknown';
}

/** The clock of a thread's time may tick in steps of some ms: a round goes on for many of them, however cheap the work. */
const SHORTEST_ROUND_MS = 100;

/** Median nanoseconds per record over rounds; the first rounds, in which code is still being compiled, do not count. */
function measure(work: () => number): number {
  const times: number[] = [];
  let kept = 0;
  let repeats = 1;
  for (let round = -2; round < ROUNDS; round += 1) {
    const began = performance.now();
    const start = process.threadCpuUsage();
    for (let n = 0; n < repeats; n += 1) kept += work();
    const { user, system } = process.threadCpuUsage(start);
    if (round >= 0) times.push(((user + system) * 1000) / (COUNT * repeats));
    else repeats = Math.ceil((SHORTEST_ROUND_MS * repeats) / (performance.now() - began));
  }
  if (kept < 0) throw new Error('the work was optimised away');
  times.sort((a, b) => a - b);
  return times[Math.floor(ROUNDS / 2)] ?? 0;
}

const records = Array.from({ length: COUNT }, (_, at) => record(at));
const dictionary = parseDictionaries(readDictionaryFiles());
const profiles = parseProfiles(readProfileFiles());
const bytes = Math.round(records.reduce((sum, one) => sum + one.text.length, 0) / COUNT);
const zone = 'Europe/Paris';
const measuring: MeasureContext = {
  asOf: '2026-11-23',
  present: '2026-11-23',
  timeZone: zone,
  period: { from: '2026-01-01', to: '2026-12-31' },
  stages: stageBook([{ crm: 'hubspot', stages: LABELS.map(stageInfo) }]),
  staleAfterDays: 30,
  quota: '1000000',
};

function stageInfo(label: string, order: number) {
  const closed = order >= 4 && order <= 6;
  return {
    key: `default/${1_000_000 + order}`,
    label,
    pipeline: 'default',
    pipelineLabel: 'Sales Pipeline',
    order,
    closed,
    won: order === 4,
    probability: closed ? 0 : 0.4,
    active: true,
  };
}

function measureAll(verdicts: readonly Verdict[], by: readonly Division[]): number {
  const measured = records.map(({ id, fields, evidence, history }, at) =>
    measuredRecord({
      snapshot: { crm: 'hubspot', id, fields, evidence },
      verdict: verdicts[at] as Verdict,
      history,
      observedSince: 0,
    }),
  );
  return measurePortfolio(measured, measuring, { by, rates: null }).scopes.length;
}

const parse = measure(() =>
  records.reduce((sum, one) => sum + (JSON.parse(one.text) as { id: string }).id.length, 0),
);
const hand = measure(() => records.reduce((sum, one) => sum + byHand(one.evidence).length, 0));

function line(name: string, ns: number): void {
  const cells = [
    name.padEnd(30),
    ns.toFixed(0).padStart(7),
    Math.round(1e9 / ns)
      .toLocaleString('en')
      .padStart(12),
    (ns / parse).toFixed(2).padStart(13),
    (ns / hand).toFixed(0).padStart(11),
  ];
  console.log(cells.join(' '));
}

console.log(`${COUNT} records of ${bytes} characters, median of ${ROUNDS} rounds, one thread\n`);
console.log(`${''.padEnd(30)} ns/rec.    records/s  x JSON.parse  x if-chain`);
line('JSON.parse', parse);
line('if-chain', hand);
let classifying = 0;
for (const profile of profiles.values()) {
  const context: ClassifyContext = { profile, now: NOW, dictionary, timeZone: zone };
  const ns = measure(() =>
    records.reduce((sum, one) => sum + classify(one.evidence, context).because.length, 0),
  );
  // The dearest profile counts.
  classifying = Math.max(classifying, ns);
  line(`classify, ${profile.name}`, ns);
}
const standard = profiles.get('standard');
if (standard === undefined) throw new Error('the standard profile is missing');
const verdicts = records.map((one) =>
  classify(one.evidence, { profile: standard, now: NOW, dictionary, timeZone: zone }),
);
const whole = measure(() => measureAll(verdicts, []));
line('measure, all metrics', whole);
line(
  'measure, by pipeline',
  measure(() => measureAll(verdicts, ['pipeline'])),
);
line(
  'measure, by owner',
  measure(() => measureAll(verdicts, ['owner'])),
);
line(
  'measure, by month',
  measure(() => measureAll(verdicts, ['month'])),
);
const both = classifying + whole;
line('classify (dearest) and measure', both);
console.log(`\ntarget: both at most ${TARGET} x JSON.parse: ${both <= TARGET * parse ? 'met' : 'not met'}`);
