/** `oppsync sandbox` as a process of its own, which has written `oppsync.yaml` into its folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/oppsync.js', import.meta.url));

/** What its first line says. */
export interface SandboxCredentials {
  readonly salesforce: { readonly url: string; readonly webhookSecret: string };
  readonly hubspot: { readonly url: string; readonly token: string; readonly clientSecret: string };
}

/** How a simulated CRM behaves, as `--switches-…` takes it. */
export interface SandboxSwitches {
  readonly hubspot?: Readonly<Record<string, unknown>>;
  readonly salesforce?: Readonly<Record<string, unknown>>;
}

export async function startSandboxProcess(
  folder: string,
  dataset: string,
  { hubspot, salesforce }: SandboxSwitches,
): Promise<{ child: ChildProcess; credentials: SandboxCredentials }> {
  const child = spawn(
    process.execPath,
    [
      ...[BIN, 'sandbox', '--dataset', dataset, '--write-config', 'oppsync.yaml'],
      ...['--port-salesforce', '0', '--port-hubspot', '0'],
      ...(hubspot === undefined ? [] : ['--switches-hubspot', JSON.stringify(hubspot)]),
      ...(salesforce === undefined ? [] : ['--switches-salesforce', JSON.stringify(salesforce)]),
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  return { child, credentials: JSON.parse(line) as SandboxCredentials };
}
