import { readdirSync } from 'node:fs';

/** True when a profile is given as a file of the team's own rather than by the name of a shipped one. */
export function isProfileFile(profile: string): boolean {
  return /[/\\]/.test(profile) || /\.ya?ml$/i.test(profile);
}

let shipped: readonly string[] | undefined;

/** Names of the shipped profiles; each is a file of that name in `rules`. Looked up once: every sync asks. */
export function shippedProfileNames(): readonly string[] {
  shipped ??= readdirSync(`${import.meta.dirname}/rules`)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
  return shipped;
}
