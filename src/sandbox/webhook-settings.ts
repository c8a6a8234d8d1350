import { objectOf, onlyKeys, Refusal } from './refusal.ts';
import type { WebhookSettings } from './webhook-voice.ts';

export const SILENT: WebhookSettings = {
  targetUrl: null,
  subscriptions: null,
  shape: 'classic',
  signatures: ['v1', 'v3'],
  secret: null,
  lose: 0,
  duplicate: 0,
  reorder: 0,
  batchMs: 20,
  retryMs: 250,
};

/** The settings with what was given changed. @throws {Refusal} */
export function changedSettings(before: WebhookSettings, given: unknown): WebhookSettings {
  const change = objectOf(given, 'the webhooks');
  onlyKeys(change, Object.keys(SILENT), 'webhooks');
  const after: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(change)) {
    const problem = PROBLEMS[key as keyof WebhookSettings](value);
    if (problem !== null) throw new Refusal(`webhooks: "${key}" must be ${problem}`);
    after[key] = value;
  }
  return after as unknown as WebhookSettings;
}

type Problem = (value: unknown) => string | null;

const share: Problem = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? null : 'a share from 0 to 1';
const milliseconds: Problem = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 3_600_000
    ? null
    : 'a whole number of milliseconds, at most an hour';
const texts = (value: unknown, allowed?: readonly string[]): boolean =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'string' && (allowed === undefined || allowed.includes(one)));

const PROBLEMS: Readonly<Record<keyof WebhookSettings, Problem>> = {
  targetUrl: (value) =>
    value === null || (typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value))
      ? null
      : 'an http or https address, or null for none',
  subscriptions: (value) =>
    value === null || texts(value) ? null : 'a list such as ["deal.creation", "deal.propertyChange:amount"]',
  shape: (value) => (value === 'classic' || value === 'generic' ? null : '"classic" or "generic"'),
  signatures: (value) => (texts(value, ['v1', 'v2', 'v3']) ? null : 'a list of v1, v2 and v3'),
  secret: (value) => (value === null || typeof value === 'string' ? null : 'a text, or null'),
  lose: share,
  duplicate: share,
  reorder: share,
  batchMs: milliseconds,
  retryMs: milliseconds,
};
