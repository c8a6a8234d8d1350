import assert from 'node:assert/strict';
import { selectList } from '../../../src/connectors/salesforce/fields.ts';
import { createMapper } from '../../../src/connectors/salesforce/map.ts';
import { account, DESCRIBED } from './account.ts';

const READ_AT = Date.parse('2026-11-10T12:00:00Z');

const ROW = {
  attributes: { type: 'Opportunity', url: '/services/data/v66.0/sobjects/Opportunity/006000000000001AAA' },
  Id: '006000000000001',
  Name: 'Acme renewal',
  StageName: 'Closed Lost',
  Amount: 45000.0,
  CloseDate: '2026-12-31',
  OwnerId: '005000000000001AAA',
  Owner: { attributes: { type: 'User' }, Email: 'Ann@Acme.test', IsActive: true },
  AccountId: '001000000000001AAA',
  Account: { attributes: { type: 'Account' }, Name: 'Acme' },
  NextStep: null,
  IsClosed: true,
  IsWon: false,
  IsDeleted: false,
  Probability: 0,
  CreatedDate: '2026-01-02T03:04:05.000+0000',
  LastModifiedDate: '2026-11-01T10:00:00.000+0000',
  SystemModstamp: '2026-11-01T10:00:00.000+0000',
  LastActivityDate: '2026-10-30',
  LastStageChangeDate: '2026-11-01T09:00:00.000+0000',
  HasOpportunityLineItem: true,
  Contract_Signed__c: false,
  Region__c: 'North',
  Oppsync_Status__c: 'closed',
  Oppsync_Pair_Key__c: 'p_1',
  Oppsync_Reason__c: null,
};

describe('salesforce map', () => {
  const map = createMapper(account());

  it('maps a row to canonical fields', () => {
    const snapshot = map(ROW, READ_AT);
    assert.deepEqual(snapshot.fields, {
      name: 'Acme renewal',
      stage: 'Closed Lost',
      amount: '45000',
      closeDate: '2026-12-31',
      owner: 'ann@acme.test',
      nextStep: null,
      region: 'North',
    });
    assert.deepEqual(snapshot.owned, { status: 'closed', reason: null, pairKey: 'p_1' });
    assert.equal(snapshot.id, '006000000000001AAA');
    assert.equal(snapshot.pairKey, 'p_1');
    assert.equal(snapshot.version, '2026-11-01T10:00:00.000+0000');
    assert.equal(snapshot.changedAt, Date.parse('2026-11-01T10:00:00Z'));
    assert.equal(snapshot.deleted, false);
  });

  it('keeps evidence apart, with what stage and flags say', () => {
    assert.deepEqual(map(ROW, READ_AT).evidence, {
      isClosed: true,
      isWon: false,
      isLost: true,
      stageKey: 'Closed Lost',
      stageLabel: 'Closed Lost',
      stageExists: true,
      stageIsClosed: true,
      stageIsWon: false,
      stageProbability: 0,
      probability: 0,
      closeDate: '2026-12-31',
      createdAt: Date.parse('2026-01-02T03:04:05Z'),
      stageChangedAt: Date.parse('2026-11-01T09:00:00Z'),
      closedAt: Date.parse('2026-11-01T09:00:00Z'),
      said: [{ crm: 'salesforce', about: 'contractSigned', says: false, from: 'Contract_Signed__c' }],
      lastContactAt: Date.parse('2026-10-30T00:00:00Z'),
      custom: {
        contractSigned: false,
        hasLineItems: true,
        accountName: 'Acme',
        accountId: '001000000000001AAA',
      },
    });
  });

  it('does not take what was not read for blank', () => {
    const { Amount: _amount, OwnerId: _owner, IsWon: _won, ...partial } = ROW;
    const snapshot = map(partial, READ_AT);
    assert.equal('amount' in snapshot.fields, false);
    assert.equal('owner' in snapshot.fields, false);
    assert.equal('isLost' in snapshot.evidence, false);
    assert.equal('currency' in snapshot.fields, false);
  });

  it('finds the owner through the users when the row does not carry the address, and never guesses one', () => {
    const { Owner: _owner, ...bare } = ROW;
    assert.equal(map(bare, READ_AT).fields['owner'], 'ann@acme.test');
    const stranger = map({ ...bare, OwnerId: '005000000000009AAA' }, READ_AT);
    assert.equal('owner' in stranger.fields, false);
  });

  it('says a stage does not exist when the org no longer lists it', () => {
    const { evidence } = map({ ...ROW, StageName: 'Vanished' }, READ_AT);
    assert.equal(evidence.stageExists, false);
    assert.equal('stageIsClosed' in evidence, false);
    const unread = createMapper(account({ stages: [] }))(ROW, READ_AT);
    assert.equal('stageExists' in unread.evidence, false);
  });

  it('takes a future activity for the next contact, not the last', () => {
    const future = map({ ...ROW, LastActivityDate: '2026-12-24' }, READ_AT).evidence;
    assert.equal(future.lastContactAt, null);
    assert.equal(future.nextActivityAt, Date.parse('2026-12-24T00:00:00Z'));
    const today = map({ ...ROW, LastActivityDate: '2026-11-11' }, READ_AT).evidence;
    assert.equal(
      today.lastContactAt,
      READ_AT,
      'a day that has begun somewhere is not later than the reading',
    );
    assert.equal('lastContactAt' in map({ ...ROW, LastActivityDate: undefined }, READ_AT).evidence, false);
  });

  it('ignores impossible probabilities', () => {
    for (const [given, mapped] of [
      [250, null],
      [-1, null],
      [null, null],
      [35, 0.35],
      [100, 1],
    ] as const) {
      assert.equal(map({ ...ROW, Probability: given }, READ_AT).evidence.probability, mapped);
    }
  });

  it('keeps raw values as they came, without bookkeeping', () => {
    const { raw } = map(ROW, READ_AT);
    assert.equal(raw['Amount'], 45000);
    assert.deepEqual(raw['Account'], { Name: 'Acme' });
    assert.equal(JSON.stringify(raw).includes('attributes'), false);
  });

  it('asks only for fields the account has', () => {
    const fields = selectList(
      account(
        {},
        DESCRIBED.filter(({ name }) => name !== 'NextStep' && name !== 'AccountId'),
      ),
    );
    assert.equal(fields.includes('NextStep'), false);
    assert.equal(fields.includes('Account.Name'), false);
    assert.equal(fields.includes('CurrencyIsoCode'), false);
    assert.ok(fields.includes('Owner.Email'));
    assert.equal(new Set(fields).size, fields.length);
  });
});
