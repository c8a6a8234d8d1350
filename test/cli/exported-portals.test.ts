import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMain } from './run-main.ts';

const FIXTURES = new URL('../../../shared/fixtures/', import.meta.url);

/** Rows of a CSV file as objects; quoted cells may hold commas. */
function table(path: string): Record<string, string>[] {
  const [head = [], ...rows] = readFileSync(new URL(path, FIXTURES), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) =>
        (match[1] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"'),
      ),
    );
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
}

interface VerdictLine {
  readonly id: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly flags: readonly string[];
}

async function classified(lines: readonly unknown[]): Promise<Map<string, VerdictLine>> {
  const folder = mkdtempSync(join(tmpdir(), 'oppsync-exported-'));
  const file = join(folder, 'export.ndjson');
  try {
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const ran = await runMain(['classify', file, '--as-of', '2026-11-23'], { config: null });
    assert.equal(ran.code, 0, ran.err);
    const verdicts = ran.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as VerdictLine);
    return new Map(verdicts.map((verdict) => [verdict.id, verdict]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('classify: exports of real CRMs', () => {
  before(function () {
    if (existsSync(new URL('hubspot/fivetran/deal_data.csv', FIXTURES))) return;
    console.log('    skipped: ../shared/fixtures is not there');
    this.skip();
  });

  it('judges every deal as the flags of its stage say; a deal without stage is undecided, with the reason', async () => {
    const stages = table('hubspot/fivetran/deal_pipeline_stage_data.csv');
    const deals = table('hubspot/fivetran/deal_data.csv');
    const byPipeline = Map.groupBy(stages, (stage) => stage['pipeline_id'] ?? '');
    const pipelines = [...byPipeline].map(([id, own]) => ({
      crm: 'hubspot',
      type: 'pipeline',
      fields: {
        id,
        label: id,
        displayOrder: 0,
        stages: own.map((stage) => ({
          id: stage['stage_id'],
          label: stage['label'],
          displayOrder: Number(stage['display_order']),
          metadata: {
            isClosed: String(stage['is_closed'] === 'TRUE'),
            probability: stage['probability'],
          },
        })),
      },
    }));
    const lines = deals.map((deal) => ({
      crm: 'hubspot',
      type: 'deal',
      fields: {
        hs_object_id: deal['deal_id'],
        dealname: deal['property_dealname'],
        pipeline: deal['deal_pipeline_id'] || null,
        dealstage: deal['deal_pipeline_stage_id'] || null,
        amount: deal['property_amount'] || null,
      },
    }));
    const verdicts = await classified([...lines, ...pipelines]);
    assert.equal(verdicts.size, new Set(deals.map((deal) => deal['deal_id'])).size);
    const counts = { won: 0, active: 0, without: 0, unlisted: 0 };
    for (const deal of deals) {
      const verdict = verdicts.get(deal['deal_id'] ?? '');
      assert.ok(verdict);
      const stage = stages.find(
        (candidate) =>
          candidate['stage_id'] === deal['deal_pipeline_stage_id'] &&
          candidate['pipeline_id'] === deal['deal_pipeline_id'],
      );
      if (deal['deal_pipeline_stage_id'] === '') {
        assert.deepEqual([verdict.status, verdict.flags], ['unknown', ['no_stage']]);
        counts.without++;
      } else if (stage === undefined) {
        assert.equal(verdict.status, 'unknown');
        assert.ok(verdict.flags.length > 0, 'undecided always has a named reason');
        counts.unlisted++;
      } else if (stage['is_closed'] === 'TRUE') {
        assert.deepEqual(
          [verdict.status, verdict.outcome],
          ['closed', stage['closed_won'] === 'TRUE' ? 'won' : 'lost'],
        );
        counts.won++;
      } else {
        assert.equal(verdict.status, 'active');
        counts.active++;
      }
    }
    assert.ok(counts.without > 0, JSON.stringify(counts));
  });

  it('judges every opportunity as its own flags say, whatever its probability', async () => {
    const opportunities = table('datasets/fivetran-seeds/sf_opportunity_data.csv');
    const verdicts = await classified(
      opportunities.map((row) => ({
        crm: 'salesforce',
        type: 'Opportunity',
        fields: {
          Id: row['id'],
          Name: row['name'],
          StageName: row['stage_name'],
          IsClosed: row['is_closed'] === 'true',
          IsWon: row['is_won'] === 'true',
          Probability: Number(row['probability']),
          CloseDate: row['close_date']?.slice(0, 10),
        },
      })),
    );
    for (const row of opportunities) {
      const verdict = verdicts.get(row['id'] ?? '');
      const [closed, won] = [row['is_closed'] === 'true', row['is_won'] === 'true'];
      assert.equal(verdict?.status, closed ? 'closed' : 'active');
      if (closed) assert.equal(verdict?.outcome, won ? 'won' : 'lost');
    }
  });
});
