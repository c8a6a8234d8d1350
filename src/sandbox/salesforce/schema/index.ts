import { emailMessage, event, task } from './activity.ts';
import { account, contact, contract, order, quote, user } from './company.ts';
import type { ObjectType } from './field.ts';
import {
  opportunity,
  opportunityContactRole,
  opportunityFieldHistory,
  opportunityHistory,
  opportunityStage,
} from './opportunity.ts';
import * as setup from './setup.ts';

/** Every object of the simulated org. */
export const OBJECT_TYPES: readonly ObjectType[] = [
  setup.organization,
  setup.profile,
  user,
  opportunityStage,
  setup.recordType,
  setup.currencyType,
  account,
  contact,
  opportunity,
  opportunityHistory,
  opportunityFieldHistory,
  opportunityContactRole,
  contract,
  quote,
  order,
  task,
  event,
  emailMessage,
  setup.permissionSet,
  setup.permissionSetAssignment,
  setup.fieldPermissions,
  setup.customField,
];
