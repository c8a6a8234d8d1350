import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DatasetFileError,
  type NumberedLine,
  readDataset,
  type SkippedLine,
} from '../../src/sandbox/dataset.ts';
import { parseDatasetLine } from '../../src/sandbox/dataset-line.ts';
import { heldMemory } from './held-memory.ts';
import { useRealNetwork } from './real-network.ts';
import { NOTES, ndjson, notebookSandbox, withDataset } from './running-notebook.ts';

const GOOD = '{"crm":"hubspot","type":"deal","fields":{"dealname":"x"}}';

async function read(content: string | Buffer): Promise<NumberedLine[]> {
  return withDataset(content, async (file) => {
    const lines: NumberedLine[] = [];
    for await (const line of readDataset(file)) lines.push(line);
    return lines;
  });
}

async function refusal(content: string | Buffer): Promise<DatasetFileError> {
  try {
    await read(content);
  } catch (error) {
    if (error instanceof DatasetFileError) return error;
    throw error;
  }
  return assert.fail('the dataset was taken');
}

describe('dataset file', () => {
  it('counts lines from 1, blank ones included, and takes BOM, CRLF and a missing last newline', async () => {
    const lines = await read(`\uFEFF${GOOD}\r\n\r\n   \n${GOOD}`);
    assert.deepEqual(
      lines.map(({ line }) => line),
      [1, 4],
    );
    assert.deepEqual(lines[0]?.value.fields, { dealname: 'x' });
  });

  it('is empty when the file is', async () => {
    assert.deepEqual(await read(''), []);
  });

  it('takes associations and deleted', async () => {
    const [line] = await read(
      '{"crm":"hubspot","type":"deal","fields":{},"associations":{"companies":["7",8]},"deleted":true}\n',
    );
    assert.deepEqual(line?.value.associations, { companies: ['7', '8'] });
    assert.equal(line?.value.deleted, true);
  });

  const bad: readonly [string, string | Buffer, RegExp][] = [
    ['no JSON', '{"crm":', /not JSON .*expected \{"crm"/],
    ['a list', '[]', /expected \{"crm".*this is a list/],
    [
      'an unknown CRM',
      '{"crm":"dynamics","type":"x","fields":{}}',
      /"crm" is "dynamics"; expected "salesforce" or "hubspot"/,
    ],
    ['a missing type', '{"crm":"hubspot","fields":{}}', /"type" is missing/],
    ['fields that are a list', '{"crm":"hubspot","type":"deal","fields":[]}', /"fields" must be an object/],
    ['an unknown key', '{"crm":"hubspot","type":"deal","fields":{},"id":"7"}', /unknown key "id"/],
    [
      '__proto__ in fields',
      '{"crm":"hubspot","type":"deal","fields":{"__proto__":{"x":1}}}',
      /"__proto__" is not allowed/,
    ],
    [
      'constructor deep inside',
      '{"crm":"hubspot","type":"deal","fields":{"a":[{"constructor":1}]}}',
      /"constructor" is not allowed/,
    ],
    [
      'an escaped __proto__',
      '{"crm":"hubspot","type":"deal","fields":{"\\u005f_proto__":1}}',
      /"__proto__" is not allowed/,
    ],
    ['bytes that are not UTF-8', Buffer.from([...Buffer.from('{"crm":"'), 0xff, 0x22]), /not valid UTF-8/],
    ['half a surrogate pair', '{"crm":"hubspot","type":"deal","fields":{"a":"\\ud800"}}', /surrogate/],
    [
      'a number beyond exactness',
      '{"crm":"hubspot","type":"deal","fields":{"amount":12345678901234567890}}',
      /write it as text/,
    ],
    ['an infinite number', '{"crm":"hubspot","type":"deal","fields":{"amount":1e999}}', /write it as text/],
    [
      'deep nesting',
      `{"crm":"hubspot","type":"deal","fields":{"a":${'['.repeat(60)}${']'.repeat(60)}}}`,
      /nested deeper/,
    ],
    [
      'a line over 8 MB',
      `{"crm":"hubspot","type":"deal","fields":{"a":"${'x'.repeat(9 * 1024 * 1024)}"}}`,
      /longer than 8 MB/,
    ],
  ];
  for (const [what, content, sentence] of bad) {
    it(`names the line of ${what}`, async () => {
      const error = await refusal(
        Buffer.concat([Buffer.from(`${GOOD}\n\n`), Buffer.from(content), Buffer.from(`\n${GOOD}\n`)]),
      );
      assert.equal(error.line, 3);
      assert.match(error.message, /records\.ndjson, line 3: /);
      assert.match(error.reason, sentence);
    });
  }

  it('takes "constructor" as a value', async () => {
    assert.equal(
      (await read('{"crm":"hubspot","type":"deal","fields":{"dealname":"constructor"}}')).length,
      1,
    );
  });

  it('says when there is no such file, or a folder', async () => {
    const missing = readDataset(join(tmpdir(), 'no-such-dataset.ndjson')).next();
    await assert.rejects(missing, /no-such-dataset\.ndjson: there is no such file/);
    await assert.rejects(readDataset(tmpdir()).next(), /this is a folder/);
  });

  it('goes on after bad lines when asked, and lists them', async () => {
    const skipped: SkippedLine[] = [];
    const taken = await withDataset(`${GOOD}\nnonsense\n${GOOD}\n{"crm":1}\n`, async (file) => {
      let count = 0;
      for await (const _ of readDataset(file, (bad) => skipped.push(bad))) count += 1;
      return count;
    });
    assert.equal(taken, 2);
    assert.deepEqual(
      skipped.map(({ line }) => line),
      [2, 4],
    );
  });

  it('reads 200,000 lines without holding them', async () => {
    await withDataset(`${GOOD}\n`.repeat(200_000), async (file) => {
      const before = heldMemory();
      let count = 0;
      let peak = 0;
      for await (const _ of readDataset(file)) {
        count += 1;
        if (count % 50_000 === 0) peak = Math.max(peak, heldMemory() - before);
      }
      assert.equal(count, 200_000);
      assert.ok(peak < 8 * 1024 * 1024, `${peak} bytes`);
    });
  });

  it('survives files of JSON made to break parsers', async () => {
    const folder = fileURLToPath(
      new URL('../../../shared/fixtures/bad-input/JSONTestSuite/test_parsing/', import.meta.url),
    );
    if (!existsSync(folder)) {
      console.log(`      skipped: no corpus at ${folder}`);
      return;
    }
    let taken = 0;
    for (const name of await readdir(folder)) {
      const content = await readFile(join(folder, name));
      const text = content.toString();
      // Decoding repaired these, or a line break would end the record: the file reader refuses them for that.
      if (text.includes('\uFFFD') || /[\r\n]/.test(text.trim())) continue;
      try {
        parseDatasetLine(`{"crm":"hubspot","type":"deal","fields":{"a":${text}}}`);
        taken += 1;
        assert.ok(!name.startsWith('n_'), `${name} was taken`);
      } catch (error) {
        assert.equal(error instanceof Error ? error.name : '', 'DatasetError', name);
      }
    }
    assert.ok(taken >= 80);
  });
});

describe('loading a dataset', () => {
  useRealNetwork();

  it('names file and line of what the CRM itself refuses, and frees the ports', async () => {
    const wrong = { crm: 'hubspot', type: 'riddle', fields: {} };
    const content = ndjson([NOTES[0], NOTES[1], wrong]);
    await withDataset(content, (dataset) =>
      assert.rejects(notebookSandbox({ dataset }), /records\.ndjson, line 3: unknown type "riddle"/),
    );
  });

  it('with skipBad, loads the rest and lists what was left out', async () => {
    const wrong = { crm: 'hubspot', type: 'riddle', fields: {} };
    await withDataset(`${ndjson([NOTES[0], wrong, NOTES[1]])}oops\n`, async (dataset) => {
      const sandbox = await notebookSandbox({ dataset, skipBad: true });
      await sandbox.close();
      assert.equal(sandbox.loaded.lines, 2);
      assert.deepEqual(
        sandbox.loaded.skipped.map(({ line }) => line),
        [2, 4],
      );
      assert.match(sandbox.loaded.skipped[0]?.reason ?? '', /unknown type/);
    });
  });

  it('refuses a dataset together with a number of records', async () => {
    await assert.rejects(notebookSandbox({ dataset: 'x', records: 5 }), /not from both/);
  });
});
