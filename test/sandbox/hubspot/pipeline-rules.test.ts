import assert from 'node:assert/strict';
import { useRealNetwork } from '../real-network.ts';
import { startPortal, type TestPortal } from './portal-server.ts';

const PATH = '/crm/pipelines-rules/2026-09/0-3';

describe('hubspot pipeline rules', () => {
  useRealNetwork();
  let portal: TestPortal;
  beforeEach(async () => {
    const apps = [{ name: 'narrow', token: 'narrow', scopes: ['crm.objects.deals.read'] }];
    const rules = { noBackwards: ['closedwon'], noSkipping: 'all', createIn: ['appointmentscheduled'] };
    const pipelineRules = { default: { ...rules, approval: 'contractsent' } };
    portal = await startPortal({ switches: { apps, pipelineRules } });
  });
  afterEach(() => portal.close());

  it('are told as the Pipeline Rules API tells them', async () => {
    const { status, body } = await portal.ask('GET', `${PATH}/default`);
    assert.equal(status, 200);
    assert.deepEqual([body.objectTypeId, body.pipelineId], ['0-3', 'default']);
    assert.deepEqual(body.governanceValidationRules, {
      noBackwardsMovementRule: { enabledForAllStages: false, pipelineStageIds: ['closedwon'] },
      noSkippingStagesRule: { enabledForAllStages: true, pipelineStageIds: [] },
      objectCreationRule: { pipelineStageIds: ['appointmentscheduled'] },
    });
    assert.equal(body.approvalStage.pipelineStageId, 'contractsent');
    assert.deepEqual(portal.routes.at(-1), `GET ${PATH}/{id}`);
  });

  it('need their scope, and a pipeline that has some', async () => {
    const narrow = { authorization: 'Bearer narrow' };
    const refused = await portal.ask('GET', `${PATH}/default`, undefined, narrow);
    assert.deepEqual([refused.status, refused.body.category], [403, 'MISSING_SCOPES']);
    portal.simulator.configure({ pipelineRules: {} });
    for (const id of ['default', 'nothing'])
      assert.equal((await portal.ask('GET', `${PATH}/${id}`)).status, 404);
    assert.equal((await portal.ask('PUT', `${PATH}/default`, {})).status, 405);
  });

  it('an app passes them by: they bind people, and calls in the name of one', async () => {
    const made = await portal.ask('POST', '/crm/v3/objects/deals', {
      properties: { dealname: 'A', pipeline: 'default', dealstage: 'closedwon' },
    });
    assert.equal(made.status, 201);
  });

  it('a switch of another shape is refused', () => {
    assert.throws(
      () => portal.simulator.configure({ pipelineRules: { default: { noSkip: 'all' } } }),
      /unknown key/,
    );
  });
});
