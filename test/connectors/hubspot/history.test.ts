import assert from 'node:assert/strict';
import { actorOf } from '../../../src/connectors/hubspot/history.ts';

describe('who HubSpot says made an entry', () => {
  const table: readonly [Record<string, unknown>, string | null][] = [
    [{ sourceType: 'CRM_UI', sourceId: 'userId:123', updatedByUserId: 123 }, 'human:123'],
    [{ sourceType: 'CRM_UI', sourceId: 'userId:123' }, 'human:123'],
    [{ sourceType: 'MOBILE_IOS', updatedByUserId: 9 }, 'human:9'],
    [{ sourceType: 'MERGE_OBJECTS', updatedByUserId: 9 }, 'human:9'],
    // An integration writes in the name of whoever installed it; that is no edit of theirs.
    [{ sourceType: 'INTEGRATION', sourceId: '77', updatedByUserId: 9 }, 'app:77'],
    [{ sourceType: 'API' }, 'app:api'],
    [{ sourceType: 'SALESFORCE' }, 'app:salesforce'],
    [{ sourceType: 'AUTOMATION_PLATFORM', sourceId: 'enrollmentId:5' }, 'automation:enrollmentId:5'],
    [{ sourceType: 'CALCULATED' }, 'automation:calculated'],
    [{ sourceType: 'IMPORT', updatedByUserId: 9 }, 'import'],
    [{ sourceType: 'SOMETHING_NEW' }, 'app:something_new'],
    [{}, null],
  ];
  for (const [entry, actor] of table)
    it(`${JSON.stringify(entry)} → ${actor}`, () => assert.equal(actorOf(entry), actor));
});
