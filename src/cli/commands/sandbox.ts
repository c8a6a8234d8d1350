import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DEFAULT_FILE } from '../../../config/load.ts';
import type { RunningSandbox, SandboxOptions } from '../../sandbox/start.ts';
import type { CommandSpec, Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { jsonObject, numberOption, objectOption, textOption, wholeNumber } from '../option-values.ts';
import { datasetWords } from '../present/dataset-words.ts';
import { printable } from '../present/text.ts';
import { sandboxConfigText } from '../simulation/config-text.ts';
import { openSandbox } from '../simulation/open-sandbox.ts';
import { untilAborted } from '../until-aborted.ts';
import { UsageError } from '../usage-error.ts';

const DEFAULT_RECORDS = 600;

export const sandbox: CommandSpec = {
  usage: 'sandbox',
  summary: (words) => words.say('command.sandbox'),
  options: [
    { flags: '--dataset <file>', help: (words) => words.say('option.dataset') },
    {
      flags: '--records <n>',
      help: (words) => words.say('option.records'),
      parse: wholeNumber('--records', 0, 5_000_000),
    },
    {
      flags: '--seed <n>',
      help: (words) => words.say('option.seed'),
      parse: wholeNumber('--seed', 0, 999_999_999),
    },
    {
      flags: '--port-salesforce <n>',
      help: (words) => words.say('option.port_salesforce'),
      parse: wholeNumber('--port-salesforce', 0, 65_535),
    },
    {
      flags: '--port-hubspot <n>',
      help: (words) => words.say('option.port_hubspot'),
      parse: wholeNumber('--port-hubspot', 0, 65_535),
    },
    {
      flags: '--port-events <n>',
      help: (words) => words.say('option.port_events'),
      parse: wholeNumber('--port-events', 0, 65_535),
    },
    { flags: '--webhooks <url>', help: (words) => words.say('option.webhooks') },
    { flags: '--write-config <file>', help: (words) => words.say('option.write_config') },
    { flags: '--force', help: (words) => words.say('option.force') },
    { flags: '--provisioned', help: (words) => words.say('option.provisioned') },
    { flags: '--record-types', help: (words) => words.say('option.record_types') },
    { flags: '--skip-bad', help: (words) => words.say('option.skip_bad') },
    {
      flags: '--switches-salesforce <json>',
      help: (words) => words.say('option.switches_salesforce'),
      parse: jsonObject('--switches-salesforce'),
    },
    {
      flags: '--switches-hubspot <json>',
      help: (words) => words.say('option.switches_hubspot'),
      parse: jsonObject('--switches-hubspot'),
    },
  ],
  async run(context, _args, options) {
    const { io, words } = context;
    const running = await openSandbox(context, sandboxOptions(context, options));
    try {
      for (const bad of running.loaded.skipped) {
        const reason = printable(datasetWords(bad, words));
        io.err(`${words.say('sandbox.skipped', { line: String(bad.line), reason })}\n`);
      }
      const file = textOption(options, 'writeConfig');
      if (file !== undefined) writeConfig(context, file, options['force'] === true, running);
      // The first line is a contract: programs wait for it, so everything is ready when it appears.
      io.out(
        `${JSON.stringify({
          salesforce: {
            ...pick(running.salesforce, ['clientId', 'clientSecret', 'webhookSecret']),
            ...(running.salesforce.eventsUrl === undefined
              ? {}
              : { eventsUrl: running.salesforce.eventsUrl }),
          },
          hubspot: pick(running.hubspot, ['token', 'clientSecret']),
        })}\n`,
      );
      const { salesforce, hubspot, loaded } = running;
      io.err(
        `${words.say('sandbox.loaded', { salesforce: salesforce.url, hubspot: hubspot.url, lines: loaded.lines })}\n`,
      );
      if (file !== undefined) {
        const given = file === DEFAULT_FILE ? {} : { given: file };
        io.err(`${words.say('sandbox.config', { file, ...given })}\n`);
      }
      io.err(`${words.say('sandbox.running')}\n`);
      await untilAborted(context.signal);
    } finally {
      await running.close();
    }
    return EXIT.done;
  },
};

function sandboxOptions(context: Context, options: Record<string, unknown>): SandboxOptions {
  const dataset = textOption(options, 'dataset');
  const records = numberOption(options, 'records');
  if (dataset !== undefined && records !== undefined) throw new UsageError('usage.dataset_or_records');
  const salesforce = objectOption(options, 'switchesSalesforce');
  const hubspot = objectOption(options, 'switchesHubspot');
  const portEvents = numberOption(options, 'portEvents');
  return {
    seed: numberOption(options, 'seed') ?? 1,
    provisioned: options['provisioned'] === true || options['writeConfig'] !== undefined,
    portSalesforce: numberOption(options, 'portSalesforce') ?? 0,
    portHubspot: numberOption(options, 'portHubspot') ?? 0,
    ...(portEvents === undefined ? {} : { portEvents }),
    skipBad: options['skipBad'] === true,
    switches: { ...(salesforce && { salesforce }), ...(hubspot && { hubspot }) },
    ...webhookTargets(textOption(options, 'webhooks')),
    ...(dataset === undefined
      ? { records: records ?? DEFAULT_RECORDS, recordTypes: options['recordTypes'] === true }
      : { dataset: resolve(context.cwd, dataset) }),
  };
}

/** The addresses of an oppsync's web role, from the address of that. */
function webhookTargets(address: string | undefined): Pick<SandboxOptions, 'webhooks'> {
  if (address === undefined) return {};
  if (!/^https?:\/\/[^/]/.test(address) || !URL.canParse(address))
    throw new UsageError('usage.address', { option: '--webhooks', given: printable(address) });
  const base = address.replace(/\/+$/, '');
  return {
    webhooks: { salesforce: `${base}/webhooks/salesforce/{secret}`, hubspot: `${base}/webhooks/hubspot` },
  };
}

function writeConfig(context: Context, file: string, force: boolean, running: RunningSandbox): void {
  try {
    // The file holds credentials, if only of a simulation.
    writeFileSync(resolve(context.cwd, file), sandboxConfigText(running), {
      flag: force ? 'w' : 'wx',
      mode: 0o600,
    });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? '';
    if (reason === 'EEXIST') throw new UsageError('usage.file_exists', { file });
    if (reason === '') throw error;
    throw new UsageError('usage.file_unwritable', { file, reason });
  }
}

function pick(
  crm: { readonly url: string; readonly credentials: Readonly<Record<string, string>> },
  keys: readonly string[],
): Readonly<Record<string, string | undefined>> {
  return { url: crm.url, ...Object.fromEntries(keys.map((key) => [key, crm.credentials[key]])) };
}
