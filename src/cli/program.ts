import { Command, CommanderError, Option } from 'commander';
import { nearest } from '../../config/nearest.ts';
import type { CommandSpec } from './context.ts';
import { isLocale, LOCALES, type Locale, type Words, wordsFor } from './locale/index.ts';
import { UsageError } from './usage-error.ts';

/** What was asked for on the command line. */
export type Invocation =
  | { readonly is: 'text'; readonly text: string; readonly failed: boolean }
  | {
      readonly is: 'command';
      readonly command: CommandSpec;
      readonly args: readonly string[];
      readonly options: Record<string, unknown>;
    };

/**
 * The language asked for; looked up before anything else, because help and errors are written in it.
 * @throws UsageError for an unknown one
 */
export function localeOf(argv: readonly string[]): Locale {
  const end = argv.indexOf('--');
  const given = end < 0 ? argv : argv.slice(0, end);
  const joined = given.findLast((word) => word.startsWith('--locale='))?.slice('--locale='.length);
  const apart = given.lastIndexOf('--locale');
  const asked = joined ?? (apart < 0 ? undefined : given[apart + 1]);
  if (asked === undefined) return 'en';
  if (!isLocale(asked)) throw new UsageError('usage.locale', { given: asked, known: LOCALES.join(', ') });
  return asked;
}

/** Options that stand before or after the command. */
function globalOptions(words: Words): Option[] {
  return [
    new Option('--config <file>', words.say('option.config')),
    new Option('--sync <name>', words.say('option.sync')),
    new Option('--json', words.say('option.json')),
    new Option('--locale <locale>', words.say('option.locale')),
    new Option('--no-progress', words.say('option.progress')).default(undefined),
  ];
}

/**
 * Reads the command line.
 * @throws UsageError in every case of misuse
 */
export function parseCommandLine(
  argv: readonly string[],
  commands: readonly CommandSpec[],
  version: string,
  words: Words,
): Invocation {
  let found: Invocation | null = null;
  let text = '';
  const quiet = (command: Command): Command => {
    command.exitOverride().helpOption('-h, --help', words.say('option.help'));
    command.configureOutput({ writeOut: (piece) => (text += piece), writeErr: () => {} });
    for (const option of globalOptions(words)) command.addOption(option);
    return command;
  };
  const program = quiet(new Command('oppsync'))
    .description(words.say('program.summary'))
    .version(version, '-V, --version', words.say('option.version'))
    .helpCommand(false)
    .addHelpText('after', `\n${words.say('program.exits')}`);
  for (const spec of commands) {
    const command = quiet(program.command(spec.usage)).description(spec.summary(words));
    for (const { flags, help, parse } of spec.options) {
      const option = new Option(flags, help(words));
      command.addOption(parse === undefined ? option : option.argParser(parse));
    }
    command.action((...given: unknown[]) => {
      // An argument that may be left out comes as undefined, one that may be repeated as a list.
      const args = given
        .slice(0, command.registeredArguments.length)
        .flatMap((arg) => (arg === undefined ? [] : Array.isArray(arg) ? arg.map(String) : [String(arg)]));
      found = { is: 'command', command: spec, args, options: merged(program, command) };
    });
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return { is: 'text', text, failed: false };
      if (error.code === 'commander.help')
        return { is: 'text', text: program.helpInformation(), failed: true };
      throw usageErrorOf(error, commands);
    }
    throw error;
  }
  return found ?? { is: 'text', text: program.helpInformation(), failed: true };
}

/** The command's options over those given before it. */
function merged(program: Command, command: Command): Record<string, unknown> {
  const own = Object.entries(command.opts()).filter(
    ([name, value]) => value !== undefined && command.getOptionValueSource(name) !== 'default',
  );
  return { ...command.opts(), ...program.opts(), ...Object.fromEntries(own) };
}

function usageErrorOf(error: CommanderError, commands: readonly CommandSpec[]): UsageError {
  const given = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption':
      return new UsageError('usage.unknown_option', { given });
    case 'commander.unknownCommand': {
      const near = nearest(
        given,
        commands.map((spec) => spec.usage.split(' ')[0] ?? ''),
      );
      return new UsageError('usage.unknown_command', { given, ...(near === null ? {} : { near }) });
    }
    case 'commander.missingArgument':
      return new UsageError('usage.missing_argument', { given });
    case 'commander.optionMissingArgument':
      return new UsageError('usage.option_missing_argument', { given });
    case 'commander.excessArguments':
      return new UsageError('usage.too_many');
    default:
      return new UsageError('usage.invalid', { message: error.message.replace(/^error: /, '') });
  }
}

/** Words for reporting a wrong command line, also when the wrong thing is the language itself. */
export function wordsForErrors(argv: readonly string[]): Words {
  try {
    return wordsFor(localeOf(argv));
  } catch {
    return wordsFor('en');
  }
}
