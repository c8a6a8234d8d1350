import { loadConfig } from '../../../config/load.ts';
import { createLog } from '../../observability/log.ts';
import type { CommandSpec, Context } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { numberOption, textOption, wholeNumber } from '../option-values.ts';
import { openSandbox } from '../simulation/open-sandbox.ts';
import { showDemo } from '../simulation/show-demo.ts';
import { createWorkplace } from '../simulation/workplace.ts';

const DEFAULT_RECORDS = 600;

export const demo: CommandSpec = {
  usage: 'demo',
  summary: (words) => words.say('command.demo'),
  options: [
    {
      flags: '--records <n>',
      help: (words) => words.say('option.records'),
      parse: wholeNumber('--records', 1, 1_000_000),
    },
    {
      flags: '--seed <n>',
      help: (words) => words.say('option.seed'),
      parse: wholeNumber('--seed', 0, 999_999_999),
    },
    { flags: '--serve', help: (words) => words.say('option.serve') },
    { flags: '--fast', help: (words) => words.say('option.fast') },
  ],
  async run(context, _args, options) {
    const sandbox = await openSandbox(context, {
      seed: numberOption(options, 'seed') ?? 1,
      records: numberOption(options, 'records') ?? DEFAULT_RECORDS,
      provisioned: true,
      portSalesforce: 0,
      portHubspot: 0,
    });
    const workplace = createWorkplace(sandbox, httpPort(context));
    try {
      // Nothing of the user's environment: a demonstration must not find its way to a real database.
      const config = loadConfig({ file: workplace.configFile, env: {}, cwd: context.cwd });
      const level = context.env['OPPSYNC_LOG_LEVEL'] === 'debug' ? 'debug' : 'warn';
      const log = createLog({ level, write: context.io.err });
      const app = await context.openApp(config, log);
      try {
        const converged = await showDemo(context, {
          ...{ app, config, sandbox, fast: options['fast'] === true, configFile: workplace.configFile },
          serve: options['serve'] === true,
        });
        return converged ? EXIT.done : EXIT.attention;
      } finally {
        await app.close();
      }
    } finally {
      await sandbox.close();
      workplace.remove();
    }
  },
};

/** The port the environment asks for, or any free one. */
function httpPort(context: Context): number {
  const asked = textOption(context.env as Record<string, unknown>, 'OPPSYNC_HTTP_PORT');
  return asked !== undefined && /^\d{1,5}$/.test(asked) ? Number(asked) : 0;
}
