import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { displayWidth } from '../../src/cli/present/display-width.ts';
import { runMain } from './run-main.ts';

describe('the stage advisor on a narrow terminal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'oppsync-stages-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps to 80 columns and leaves out neither the class nor the note', async () => {
    const stages = [
      {
        id: 'presentationscheduled',
        label: 'Présentation planifiée avec la direction',
        metadata: { isClosed: 'false', probability: '0.4' },
      },
      { id: 'closedwon', label: 'Perdu', metadata: { isClosed: 'true', probability: '0' } },
    ];
    const file = join(folder, 'stages.ndjson');
    const line = { crm: 'hubspot', type: 'pipeline', fields: { id: '77410382', label: 'Ventes', stages } };
    writeFileSync(file, JSON.stringify(line));
    const shown = await runMain(['stages', '--dataset', file, '--locale', 'fr'], {
      config: null,
      columns: 80,
    });
    assert.equal(shown.code, 0, shown.err);
    const [table = '', legend = ''] = shown.out.split('\n\n');
    for (const row of table.split('\n')) assert.ok(displayWidth(row) <= 80, row);
    assert.match(table, /Perdu .*perdue +1$/m);
    assert.match(legend, /^ {2}1 {2}son identifiant se lit autrement.*\(id_contradicts\)/);
  });
});
