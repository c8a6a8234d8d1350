import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningSandbox, runSandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { createNotebook } from './notebook-simulator.ts';

export const NOTES = [
  { crm: 'salesforce', type: 'note', fields: { id: 'a', text: 'one' } },
  { crm: 'hubspot', type: 'note', fields: { id: 'b', text: 'two' } },
  { crm: 'salesforce', type: 'note', fields: { id: 'c', text: 'three' } },
];

export function notebookSandbox(options: Partial<SandboxOptions> = {}): Promise<RunningSandbox> {
  return runSandbox(
    { seed: 1, provisioned: false, portSalesforce: 0, portHubspot: 0, ...options },
    {
      salesforce: (deps) => createNotebook('salesforce', deps),
      hubspot: (deps) => createNotebook('hubspot', deps),
    },
  );
}

/** A dataset file in a folder of its own, gone after `use`. */
export async function withDataset<T>(
  content: string | Buffer,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-dataset-'));
  try {
    const file = join(folder, 'records.ndjson');
    await writeFile(file, content);
    return await use(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function ndjson(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** One call to the control prefix. */
export async function control(
  url: string,
  command: string,
  body?: unknown,
): Promise<{ status: number; json: Record<string, unknown> }> {
  const [method = 'GET', path = ''] = command.split(' ');
  const response = await fetch(`${url}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

export async function controlLines(url: string, path: string): Promise<Record<string, unknown>[]> {
  const text = await (await fetch(`${url}/_sandbox/${path}`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
