import type { Role } from '../../app.ts';
import { type CommandSpec, printJson, withApp } from '../context.ts';
import { EXIT } from '../exit-code.ts';
import { textOption } from '../option-values.ts';
import { UsageError } from '../usage-error.ts';

const ROLES: readonly Role[] = ['web', 'workers', 'scheduler'];

/** `all`, or a comma-separated choice. */
function rolesOf(text: string): readonly Role[] {
  const given = text.split(',').map((part) => part.trim());
  const unknown = given.find((name) => name !== 'all' && !(ROLES as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new UsageError('usage.role', {
      option: '--role',
      given: unknown === '' ? '""' : unknown,
      known: ['all', ...ROLES].join(', '),
    });
  return given.includes('all') ? ROLES : ROLES.filter((role) => given.includes(role));
}

export const serve: CommandSpec = {
  usage: 'serve',
  summary: (words) => words.say('command.serve'),
  logs: true,
  options: [{ flags: '--role <roles>', help: (words) => words.say('option.role') }],
  run: (context, _args, options) => {
    const roles = rolesOf(textOption(options, 'role') ?? 'all');
    return withApp(
      context,
      async (app, config) => {
        const { io, words } = context;
        const { json } = context.options;
        await app.serve(roles, context.signal, ({ webPort, webhooks }) => {
          const host = config.http.host === '0.0.0.0' ? '127.0.0.1' : config.http.host;
          const url = webPort === null ? null : `http://${host}:${webPort}`;
          if (json) {
            printJson(context, { roles, url, port: webPort, webhooks });
            // Whoever reads JSON reads a log that is nothing else.
            app.log.info('serving', { roles, webPort });
            return;
          }
          if (url !== null) io.err(`${words.say('serve.web', { url })}\n`);
          if (webhooks.length > 0)
            io.err(`${words.say('serve.webhooks', { addresses: webhooks.join(', ') })}\n`);
          io.err(`${words.say('serve.roles', { roles: roles.join(', ') })}\n`);
        });
        if (json) app.log.info('stopped');
        else io.err(`${words.say('serve.stopped')}\n`);
        return EXIT.done;
      },
      'info',
    );
  },
};
