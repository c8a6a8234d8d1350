import { field, type ObjectType, objectType, reference, systemFields } from './field.ts';

const readOnly = { readOnly: true };
const WHAT = ['Account', 'Opportunity', 'Contract', 'Quote', 'Order'];

export const task: ObjectType = objectType(
  'Task',
  '00T',
  [
    ...systemFields(),
    reference('WhatId', WHAT, { children: 'Tasks', label: 'Related To ID' }),
    reference('WhoId', ['Contact'], { children: 'Tasks', label: 'Name ID' }),
    reference('AccountId', ['Account'], readOnly),
    field('Subject', 'string'),
    field('ActivityDate', 'date', { label: 'Due Date Only' }),
    field('Status', 'picklist', {
      required: true,
      initial: 'Not Started',
      values: ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
    }),
    field('Priority', 'picklist', { required: true, initial: 'Normal', values: ['High', 'Normal', 'Low'] }),
    field('IsClosed', 'boolean', readOnly),
    field('CompletedDateTime', 'datetime', readOnly),
    field('TaskSubtype', 'picklist', {
      updateable: false,
      initial: 'Task',
      values: ['Task', 'Email', 'Call'],
    }),
    field('Type', 'picklist'),
    field('CallType', 'picklist', { values: ['Internal', 'Inbound', 'Outbound'] }),
    field('CallDisposition', 'string'),
    field('CallDurationInSeconds', 'int'),
    field('Description', 'textarea'),
    field('IsArchived', 'boolean', readOnly),
    reference('OwnerId', ['User']),
  ],
  { inDataset: true },
);

/** Only in orgs with Enhanced Email, which keep each mail as a record of its own (Object Reference, EmailMessage). */
export const emailMessage: ObjectType = objectType(
  'EmailMessage',
  '02s',
  [
    ...systemFields(),
    reference('RelatedToId', WHAT, { label: 'Related To ID' }),
    reference('ActivityId', ['Task']),
    field('Subject', 'string', { length: 3_000 }),
    field('FromAddress', 'email', { length: 1_000 }),
    field('ToAddress', 'string', { length: 4_000 }),
    field('Incoming', 'boolean'),
    field('MessageDate', 'datetime'),
    field('Status', 'picklist', {
      required: true,
      initial: '5',
      values: ['0', '1', '2', '3', '4', '5'],
    }),
    field('TextBody', 'textarea'),
  ],
  { inDataset: true },
);

export const event: ObjectType = objectType(
  'Event',
  '00U',
  [
    ...systemFields(),
    reference('WhatId', WHAT, { children: 'Events', label: 'Related To ID' }),
    reference('WhoId', ['Contact'], { children: 'Events', label: 'Name ID' }),
    reference('AccountId', ['Account'], readOnly),
    field('Subject', 'string'),
    field('ActivityDate', 'date'),
    field('ActivityDateTime', 'datetime'),
    field('StartDateTime', 'datetime'),
    field('EndDateTime', 'datetime'),
    field('DurationInMinutes', 'int'),
    field('IsAllDayEvent', 'boolean'),
    field('Location', 'string'),
    field('EventSubtype', 'picklist', { updateable: false, initial: 'Event' }),
    field('Type', 'picklist'),
    field('Description', 'textarea'),
    field('IsArchived', 'boolean', readOnly),
    reference('OwnerId', ['User']),
  ],
  { inDataset: true },
);
