import { dirname, resolve } from 'node:path';
import { nearest } from '../../config/nearest.ts';
import { isProfileFile } from '../../config/profile-name.ts';
import { NO_SETTINGS, type OfflineSettings, offlineSettings } from '../offline-verdict.ts';
import { loadRules, type Rules, shippedProfiles } from '../profiles.ts';
import { type Context, readConfig } from './context.ts';
import { UsageError } from './usage-error.ts';

/**
 * How records from a file are judged: by the configuration when one is named, else by trusting the CRM.
 * @param profile the one asked for; undefined = that of the configuration
 */
export function offlineRules(
  context: Context,
  profile: string | undefined,
): { readonly settings: OfflineSettings; readonly rules: Rules } {
  const settings = settingsFor(context);
  if (profile !== undefined && !isProfileFile(profile) && !shippedProfiles().has(profile)) {
    const known = [...shippedProfiles().keys()];
    const near = nearest(profile, known);
    throw new UsageError('usage.profile', {
      ...{ given: profile, known: known.join(', ') },
      ...(near === null ? {} : { near }),
    });
  }
  // A profile of the configuration is looked for beside it, one of the command line from where the person is.
  const rules =
    profile === undefined
      ? loadRules(settings.profile, configFolder(context))
      : loadRules(profile, context.cwd);
  return { settings, rules };
}

/** The configuration is only read when it is asked for: none is needed. */
function settingsFor(context: Context): OfflineSettings {
  if (context.options.config === null) return NO_SETTINGS;
  const config = readConfig(context);
  const names = Object.keys(config.syncs);
  const sync = context.options.sync ?? names[0];
  if (sync === undefined) throw new UsageError('usage.no_sync');
  if (!names.includes(sync)) throw new UsageError('usage.unknown_sync', { sync, known: names.join(', ') });
  if (context.options.sync === null && names.length > 1)
    throw new UsageError('usage.which_sync', { known: names.join(', ') });
  return offlineSettings(config, sync);
}

function configFolder(context: Context): string {
  return context.options.config === null
    ? context.cwd
    : dirname(resolve(context.cwd, context.options.config));
}
