import { z } from 'zod';
import { OppsyncError } from '../../core/errors.ts';
import { OWNED_FIELDS, STANDARD_FIELDS } from '../../core/opportunity.ts';
import { evidenceSettings } from '../evidence-source.ts';
import { firstFault, settingsFaults } from '../settings-faults.ts';
import { webhookSecrets } from '../webhook-secrets.ts';
import { told } from './sentences.ts';

/** Fields beyond the standard ones travel in the query of a list call, and HubSpot refuses addresses above some 16 kB. */
const MAX_EXTRA_PROPERTIES = 200;

const property = z.string().regex(/^[a-z0-9_]+$/, 'must be a HubSpot property name: a-z, 0-9 and _');
const milliseconds = z.number().int().min(0);
const reserved = new Set<string>([...Object.keys(STANDARD_FIELDS), ...OWNED_FIELDS]);

const customField = z.strictObject({
  native: property,
  kind: z.enum(['text', 'decimal', 'date', 'instant', 'choice', 'choices', 'boolean', 'person', 'currency']),
});

const schema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .default('https://api.hubapi.com'),
    auth: z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('token'), token: z.string().trim().min(1) }),
      z.strictObject({
        type: z.literal('oauth'),
        clientId: z.string().trim().min(1),
        clientSecret: z.string().trim().min(1),
        refreshToken: z.string().trim().min(1),
      }),
    ]),
    burst: z.strictObject({ limit: z.number().int().min(1), perMs: z.number().int().min(1) }).optional(),
    searchPerSecond: z.number().int().min(1).default(5),
    reserve: z.number().min(0).max(0.95).default(0.2),
    deadlineMs: z.number().int().min(1).default(60_000),
    searchLagMs: milliseconds.default(60_000),
    overlapMs: milliseconds.default(300_000),
    customFields: z
      .record(
        z.string().refine((name) => !reserved.has(name), 'is the name of a field oppsync has already'),
        customField,
      )
      .default({}),
    /** HubSpot has none; its pipelines hold the stages of their own. */
    recordTypes: z.enum(['respect', 'ignore']).default('respect'),
    /** `respect`: the rules of pipelines are read, one call each. */
    pipelineRules: z.enum(['respect', 'ignore']).default('ignore'),
    evidence: evidenceSettings(property),
    webhookSecret: webhookSecrets(1),
    webhookSignatures: z.array(z.enum(['v1', 'v2', 'v3'])).default(['v3']),
    generation: z.literal('v3').default('v3'),
  })
  .refine(
    (settings) =>
      Object.keys(settings.customFields).length + Object.keys(settings.evidence).length <=
      MAX_EXTRA_PROPERTIES,
    {
      path: ['customFields'],
      message: `at most ${MAX_EXTRA_PROPERTIES} custom and evidence fields together`,
    },
  );

/**
 * How to reach one HubSpot account and what to read there. Times are milliseconds.
 * - `burst`: calls per window we make at most; when left out it is learned from the answers' headers, starting at 100 per 10 s.
 * - `searchPerSecond`: shared by every app of the account. - `reserve`: part of what the account shares (searches, calls
 *   per day) that is left to others. - `deadlineMs`: of one HTTP call.
 * - `searchLagMs`: how far the search index may trail the records. - `overlapMs`: how far a reading of changes reaches
 *   back before its mark. - `customFields`: canonical name → property and kind. - `evidence`: evidence name → property.
 * - `webhookSecret`: client secret of the app that sends webhooks; two while it is being changed. - `webhookSignatures`:
 * versions of signatures that are believed. - `generation`: which generation of paths to call.
 */
export type HubspotSettings = z.output<typeof schema>;

/**
 * Checks settings from outside. `path` is where they stand in the configuration, for example `connections.hubspot`.
 * @throws OppsyncError `fix` that names every wrong key; values are never repeated, they may be secrets.
 */
export function parseHubspotSettings(value: unknown, path: string): HubspotSettings {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new OppsyncError({
    recovery: 'fix',
    code: 'config.hubspot',
    crm: 'hubspot',
    field: firstFault(issues, path),
    ...told('settings', settingsFaults(issues, path)),
  });
}
