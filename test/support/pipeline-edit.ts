/** What one edited HubSpot pipeline does to oppsync: every open deal of it tells of a change. */
import type { CrmControl } from './sandbox.ts';

interface Pipeline {
  readonly id: string;
  readonly label: string;
  readonly stages: readonly { readonly id: string; readonly metadata: Readonly<Record<string, string>> }[];
}

/** The subscription that makes deals tell of an edited pipeline. */
export const PROBABILITY = 'deal.propertyChange:hs_deal_stage_probability';

/** Every open stage of every pipeline becomes a little likelier. Answers how many deals that touched. */
export async function editPipelines(hubspot: CrmControl): Promise<number> {
  const since = (await hubspot.truth()).at(-1)?.seq ?? 0;
  for (const { id, label, stages } of await pipelinesOf(hubspot))
    await hubspot.edit({
      ...{ type: 'pipeline', id, actor: 'human:admin' },
      fields: { label, stages: stages.map((stage) => ({ ...stage, metadata: likelier(stage.metadata) })) },
    });
  const touched = (await hubspot.truth(since)).filter(
    ({ type, fields }) => type === 'deal' && 'hs_deal_stage_probability' in fields,
  );
  return new Set(touched.map(({ id }) => id)).size;
}

/** Requests that read deals, of any kind. */
export async function dealReads(hubspot: CrmControl): Promise<number> {
  const { requests } = await hubspot.counters();
  return Object.entries(requests)
    .filter(([name]) =>
      /^(?:GET|POST) \/crm\/v3\/objects\/deals(?:\/(?!batch\/(?:update|upsert|create))|$)/.test(name),
    )
    .reduce((sum, [, n]) => sum + n, 0);
}

function likelier(metadata: Readonly<Record<string, string>>): Record<string, string> {
  if (metadata['isClosed'] === 'true') return { ...metadata };
  return { ...metadata, probability: (Number(metadata['probability']) + 0.01).toFixed(2) };
}

async function pipelinesOf({ url }: CrmControl): Promise<readonly Pipeline[]> {
  const text = await (await fetch(`${url}/_sandbox/state`)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"crm":"hubspot","type":"pipeline"'))
    .map((line) => (JSON.parse(line) as { fields: Pipeline }).fields);
}
