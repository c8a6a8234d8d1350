/**
 * How fast records are classified: records per second, and the ratio to JSON.parse of the same records and to a hand-written
 * chain of ifs. Ratios are what counts; they hold across machines. Usage: npm run bench:classify [-- records]
 */
import { readDictionaryFiles } from '../config/dictionaries/read.ts';
import { readProfileFiles } from '../config/rules/read.ts';
import { type ClassifyContext, classify } from '../src/core/classify.ts';
import { parseDictionaries } from '../src/core/dictionary-parse.ts';
import type { Evidence } from '../src/core/opportunity.ts';
import { parseProfiles } from '../src/core/profile-yaml.ts';

const COUNT = Number(process.argv[2] ?? 50_000);
const ROUNDS = 7;
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

/** A deal as HubSpot sends it, about 1 KB, with the evidence read from it. */
function record(at: number): { text: string; evidence: Evidence } {
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
  return { text, evidence };
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

/** Median nanoseconds per record over rounds. */
function measure(work: () => number): number {
  const times: number[] = [];
  let kept = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    kept += work();
    times.push(Number(process.hrtime.bigint() - start) / COUNT);
  }
  if (kept < 0) throw new Error('the work was optimised away');
  times.sort((a, b) => a - b);
  return times[Math.floor(ROUNDS / 2)] ?? 0;
}

const records = Array.from({ length: COUNT }, (_, at) => record(at));
const dictionary = parseDictionaries(readDictionaryFiles());
const profiles = parseProfiles(readProfileFiles());
const bytes = Math.round(records.reduce((sum, one) => sum + one.text.length, 0) / COUNT);

const parse = measure(() =>
  records.reduce((sum, one) => sum + (JSON.parse(one.text) as { id: string }).id.length, 0),
);
const hand = measure(() => records.reduce((sum, one) => sum + byHand(one.evidence).length, 0));
console.log(`${COUNT} records of ${bytes} characters, median of ${ROUNDS} rounds, one core`);
console.log(`JSON.parse        ${parse.toFixed(0).padStart(6)} ns/record`);
console.log(`if-chain          ${hand.toFixed(0).padStart(6)} ns/record`);
for (const profile of profiles.values()) {
  const context: ClassifyContext = { profile, now: NOW, dictionary, timeZone: 'Europe/Paris' };
  const ns = measure(() =>
    records.reduce((sum, one) => sum + classify(one.evidence, context).because.length, 0),
  );
  console.log(
    `${profile.name.padEnd(16)}  ${ns.toFixed(0).padStart(6)} ns/record  ${Math.round(1e9 / ns)
      .toLocaleString('en')
      .padStart(9)} records/s  ${(ns / parse).toFixed(2)} x JSON.parse  ${(ns / hand).toFixed(0)} x if-chain`,
  );
}
