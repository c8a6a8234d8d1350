import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { COUNTRIES, companyAt } from '../../../src/sandbox/generator/companies.ts';
import { type Deal, LINKED_SHARE, SHARES } from '../../../src/sandbox/generator/deal.ts';
import { generatePortfolio, portfolioTruth } from '../../../src/sandbox/generator/portfolio.ts';
import {
  PIPELINES,
  PROGRESS,
  SALESFORCE_STAGES,
  type Standing,
} from '../../../src/sandbox/generator/stages.ts';
import { hasIdForm } from '../../../src/sandbox/salesforce/ids.ts';
import type { DatasetLine } from '../../../src/sandbox/simulator.ts';

const NOW = Date.UTC(2026, 10, 23, 12);
const OPTIONS = { records: 4_000, seed: 'portfolio test', now: NOW };

function digest(options: typeof OPTIONS): string {
  const hash = createHash('sha256');
  for (const line of generatePortfolio(options)) hash.update(JSON.stringify(line));
  return hash.digest('hex');
}

function textOf(line: DatasetLine | undefined, field: string): string {
  return String(line?.fields[field] ?? '');
}

describe('generated portfolio', () => {
  const lines = [...generatePortfolio(OPTIONS)];
  const deals = [...portfolioTruth(OPTIONS)];
  const of = (type: string): DatasetLine[] => lines.filter((line) => line.type === type);
  const opportunities = new Map(of('Opportunity').map((line) => [textOf(line, 'Id'), line]));
  const hubspotDeals = new Map(of('deal').map((line) => [textOf(line, 'hs_object_id'), line]));

  it('is the same for the same seed and moment, and another for another seed', () => {
    assert.equal(digest(OPTIONS), digest(OPTIONS));
    assert.notEqual(digest(OPTIONS), digest({ ...OPTIONS, seed: 'another' }));
  });

  it('streams: the first line costs the same for a million records as for ten', () => {
    const [first] = generatePortfolio({ ...OPTIONS, records: 1_000_000 });
    assert.equal(first?.type, 'OpportunityStage');
  });

  it('has record types on request: every opportunity is of the type of its pipeline, all else is the same', () => {
    const typed = [...generatePortfolio({ ...OPTIONS, records: 200, recordTypes: true })];
    const types = typed.filter((line) => line.type === 'RecordType');
    assert.deepEqual(
      types.map((line) => [line.fields['Name'], Object(line.fields['PicklistValues'])['StageName']?.length]),
      [
        ['New Business', undefined],
        ['Renewals & Expansion', 8],
      ],
    );
    const named = typed
      .filter((line) => line.type === 'Opportunity')
      .map((line) => line.fields['RecordTypeId']);
    assert.deepEqual(new Set(named), new Set(types.map((line) => line.fields['Id'])));
    const bare = typed
      .filter((line) => line.type !== 'RecordType')
      .map(({ fields: { RecordTypeId: _type, ...fields }, ...line }) => ({ ...line, fields }));
    assert.deepEqual(bare, [...generatePortfolio({ ...OPTIONS, records: 200 })]);
  });

  it('keeps the shares of the kinds and of the links', () => {
    const share = (of: Deal[], fits: (deal: Deal) => boolean): number => of.filter(fits).length / of.length;
    for (const [kind, expected] of Object.entries(SHARES)) {
      const slack = 4 * Math.sqrt((expected * (1 - expected)) / deals.length);
      const seen = share(deals, (deal) => deal.kind === kind);
      assert.ok(Math.abs(seen - expected) < slack, `${kind}: ${seen} instead of ${expected}`);
    }
    const shared = deals.filter((deal) => deal.salesforce !== null && deal.hubspot !== null);
    assert.ok(Math.abs(share(shared, (deal) => deal.linked) - LINKED_SHARE) < 0.02);
    assert.ok(Math.abs(Object.values(SHARES).reduce((sum, part) => sum + part) - 1) < 1e-9);
  });

  it('says in the lines what the truth says of each deal', () => {
    for (const deal of deals) {
      const opportunity = opportunities.get(deal.salesforceId);
      const hubspotDeal = hubspotDeals.get(deal.hubspotId);
      assert.equal(opportunity === undefined, deal.salesforce === null);
      assert.equal(hubspotDeal === undefined, deal.hubspot === null);
      if (opportunity === undefined || hubspotDeal === undefined) continue;
      const same = {
        name: textOf(opportunity, 'Name') === textOf(hubspotDeal, 'dealname'),
        amount: Number(textOf(opportunity, 'Amount')) === Number(textOf(hubspotDeal, 'amount')),
        closeDate: textOf(opportunity, 'CloseDate') === textOf(hubspotDeal, 'closedate'),
        nextStep: textOf(opportunity, 'NextStep') === textOf(hubspotDeal, 'hs_next_step'),
        stage: standingInSalesforce(opportunity) === standingInHubspot(hubspotDeal),
      };
      const different = Object.entries(same)
        .filter(([, equal]) => !equal)
        .map(([name]) => name);
      if (deal.kind === 'agree') assert.deepEqual(different, [], JSON.stringify(deal.salesforceId));
      if (deal.kind === 'differ') assert.deepEqual(different, [deal.difference]);
      if (deal.kind === 'lag' || deal.kind === 'contradict') assert.deepEqual(different, ['stage']);
      assert.equal(textOf(hubspotDeal, 'hs_salesforceopportunityid'), deal.linked ? deal.salesforceId : '');
    }
  });

  it('lets the side that lags be one stage behind and changed earlier', () => {
    const lagging = deals.filter(({ kind }) => kind === 'lag');
    assert.ok(lagging.length > 0);
    for (const { salesforce, hubspot } of lagging) {
      assert.ok(salesforce !== null && hubspot !== null);
      const steps = PROGRESS.indexOf(salesforce.standing) - PROGRESS.indexOf(hubspot.standing);
      assert.equal(Math.abs(steps), 1);
      assert.equal(Math.sign(salesforce.modifiedAt - hubspot.modifiedAt), steps);
    }
  });

  it('has every trap', () => {
    const many = [...portfolioTruth({ ...OPTIONS, records: 20_000 })];
    const traps = new Set(many.map(({ trap }) => trap));
    assert.deepEqual([...traps].filter((trap) => trap !== null).sort(), [
      'deletedStage',
      'noAmount',
      'noStage',
      'overdue',
    ]);
    const overdue = many.filter(({ trap }) => trap === 'overdue');
    for (const deal of overdue) assert.ok(Date.parse(deal.hubspot?.closeDate ?? '') < NOW);
  });

  it('leaves every record before its moment, created before it was changed', () => {
    for (const { createdAt, salesforce, hubspot } of deals) {
      for (const side of [salesforce, hubspot]) {
        if (side === null) continue;
        assert.ok(createdAt <= side.modifiedAt && side.modifiedAt < NOW - 60_000);
      }
    }
  });

  it('gives every stage a counterpart by label, or as the only won one', () => {
    for (const pipeline of PIPELINES) {
      const labels = new Map(
        Object.entries(pipeline.stages).map(([standing, { label }]) => [label, standing]),
      );
      for (const [standing, { label }] of Object.entries(SALESFORCE_STAGES)) {
        if (standing !== 'won') assert.equal(labels.get(label), standing);
      }
      const won = Object.values(pipeline.stages).filter(({ probability }) => probability === '1.0');
      assert.equal(won.length, 1);
    }
    const pipelines = of('pipeline').map(
      (line) => line.fields['stages'] as Record<string, Record<string, string>>[],
    );
    const contractSent = pipelines.flat().find((stage) => String(stage['id']) === 'contractsent');
    assert.deepEqual(contractSent?.['metadata'], { isClosed: 'true', probability: '1.0' });
  });

  it('has companies of at least twelve countries, in several scripts, under names and domains of their own', () => {
    const accounts = of('Account');
    assert.ok(new Set(accounts.map((line) => line.fields['BillingCountry'])).size >= 12);
    for (const script of [
      /\p{Script=Han}/u,
      /\p{Script=Hangul}/u,
      /\p{Script=Greek}/u,
      /\p{Script=Arabic}/u,
      /\p{Script=Devanagari}/u,
    ]) {
      assert.ok(
        accounts.some((line) => script.test(textOf(line, 'Name'))),
        String(script),
      );
    }
    const companies = Array.from({ length: 20_000 }, (_, index) => companyAt(index));
    assert.equal(new Set(companies.map(({ name }) => name)).size, companies.length);
    assert.equal(new Set(companies.map(({ domain }) => domain)).size, companies.length);
    for (const { domain } of companies) assert.match(domain, /^[a-z0-9-]+\.[a-z]{2}\.example$/);
    assert.equal(new Set(COUNTRIES.map(({ name }) => name)).size, COUNTRIES.length);
  });

  it('has owners with the same address in both CRMs, some gone, some known to one CRM alone', () => {
    const emails = (type: string, field: string): Set<string> =>
      new Set(of(type).map((line) => textOf(line, field)));
    const users = emails('User', 'Email');
    const owners = emails('owner', 'email');
    assert.equal([...users].filter((email) => !owners.has(email)).length, 2);
    assert.equal([...owners].filter((email) => !users.has(email)).length, 2);
    assert.ok(of('User').some((line) => line.fields['IsActive'] === false));
    for (const email of users) assert.match(email, /^[a-z]+\.[a-z]+@northlight\.example$/);
    const known = new Set(of('User').map((line) => textOf(line, 'Id')));
    for (const line of opportunities.values()) assert.ok(known.has(textOf(line, 'OwnerId')));
    const ownerIds = new Set(of('owner').map((line) => textOf(line, 'id')));
    for (const line of hubspotDeals.values()) assert.ok(ownerIds.has(textOf(line, 'hubspot_owner_id')));
  });

  it('has well-formed, distinct ids and decimal amounts fit for their currency', () => {
    assert.equal(opportunities.size, of('Opportunity').length);
    for (const line of lines) {
      if (line.crm === 'salesforce') assert.ok(hasIdForm(textOf(line, 'Id')), textOf(line, 'Id'));
    }
    const withoutCents = new Set(['JPY', 'KRW']);
    let fractions = 0;
    for (const line of hubspotDeals.values()) {
      const amount = line.fields['amount'];
      if (amount === undefined) continue;
      assert.match(String(amount), /^[1-9]\d*(\.\d{1,2})?$/);
      if (String(amount).includes('.')) fractions += 1;
      if (withoutCents.has(textOf(line, 'deal_currency_code'))) assert.doesNotMatch(String(amount), /\./);
    }
    assert.ok(fractions > hubspotDeals.size / 20);
  });
});

function standingInSalesforce(line: DatasetLine): string | undefined {
  return Object.entries(SALESFORCE_STAGES).find(
    ([, { apiName }]) => apiName === line.fields['StageName'],
  )?.[0];
}

function standingInHubspot(line: DatasetLine): Standing | undefined {
  const pipeline = PIPELINES.find(({ id }) => id === line.fields['pipeline']);
  if (pipeline === undefined) return undefined;
  return Object.entries(pipeline.stages).find(([, { id }]) => id === line.fields['dealstage'])?.[0] as
    | Standing
    | undefined;
}
