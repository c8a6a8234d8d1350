import { type Field, field } from './field.ts';

/** The custom fields a provisioned org already carries, per object. */
export const OWNED_FIELDS: readonly (readonly [object: string, field: Field])[] = [
  ['Opportunity', field('Oppsync_Status__c', 'string', { length: 40 })],
  ['Opportunity', field('Oppsync_Outcome__c', 'string', { length: 40 })],
  ['Opportunity', field('Oppsync_Phase__c', 'string', { length: 40 })],
  ['Opportunity', field('Oppsync_Engagement__c', 'string', { length: 40 })],
  ['Opportunity', field('Oppsync_Reason__c', 'string', { length: 255 })],
  ['Opportunity', field('Oppsync_Pair_Key__c', 'string', { length: 80, externalId: true, unique: true })],
  ['Opportunity', field('Oppsync_Completeness__c', 'string', { length: 120 })],
  ['Opportunity', field('Oppsync_Cycle_Days__c', 'double', { precision: 9, scale: 0 })],
  ['Opportunity', field('Oppsync_Regressions__c', 'double', { precision: 9, scale: 0 })],
  ['Opportunity', field('Oppsync_Pushes__c', 'double', { precision: 9, scale: 0 })],
  ['Opportunity', field('Oppsync_Reopened__c', 'double', { precision: 9, scale: 0 })],
  ['Opportunity', field('Oppsync_Last_Contact__c', 'date')],
  ['Account', field('Oppsync_Open_Amount__c', 'double', { precision: 18, scale: 2 })],
  ['Account', field('Oppsync_Won_Amount__c', 'double', { precision: 18, scale: 2 })],
  ['Account', field('Oppsync_Win_Rate__c', 'double', { precision: 6, scale: 4 })],
  ['Account', field('Oppsync_Median_Cycle_Days__c', 'double', { precision: 9, scale: 1 })],
];
