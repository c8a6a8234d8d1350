import { z } from 'zod';
import { OppsyncError } from '../../core/errors.ts';
import { evidenceSettings } from '../evidence-source.ts';
import { firstFault, settingsFaults } from '../settings-faults.ts';
import { webhookSecrets } from '../webhook-secrets.ts';
import { told } from './sentences.ts';

const FIELD_KINDS = [
  'text',
  'decimal',
  'date',
  'instant',
  'choice',
  'choices',
  'boolean',
  'stage',
  'person',
  'currency',
] as const;

/** 256 bits in base64url; in hexadecimal they are 64 characters. The address is all that proves the sender. */
const SHORTEST_SECRET = 43;

/** Where the Pub/Sub API is for all orgs; those in the European Union may use `https://api.deu.pubsub.salesforce.com:7443`. */
const PUBSUB_ENDPOINT = 'https://api.pubsub.salesforce.com:7443';

/** Null for what is no web address at all, which is said on its own. */
function webAddress(text: string): URL | null {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url : null;
}

function isSafe(address: string): boolean {
  const url = webAddress(address);
  return (
    url === null || url.protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  );
}

function isOrigin(address: string): boolean {
  const url = webAddress(address);
  return url === null || `${url.pathname}${url.search}${url.hash}${url.username}` === '/';
}

const filled = z.string().min(1);
const nativeField = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'must be the API name of a field, for example Contract_Signed__c');

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('client_credentials'), clientId: filled, clientSecret: filled }),
  z.strictObject({
    type: z.literal('jwt'),
    clientId: filled,
    username: filled,
    /** PEM text of the RSA key whose certificate the app holds. */
    privateKey: filled,
    /** `https://login.salesforce.com`, `https://test.salesforce.com` or the My Domain URL. */
    audience: z.url({ protocol: /^https?$/ }).optional(),
  }),
  z.strictObject({
    type: z.literal('refresh_token'),
    clientId: filled,
    clientSecret: filled.optional(),
    refreshToken: filled,
  }),
]);

const schema = z.strictObject({
  /** My Domain URL (`https://acme.my.salesforce.com`) or a login URL. */
  url: z.url({ protocol: /^https?$/ }),
  auth,
  apiVersion: z
    .string()
    .regex(/^\d{2,3}\.0$/, 'must look like 66.0')
    .refine((version) => Number(version) >= 31, 'versions before 31.0 are retired')
    .default('66.0'),
  /** Longest time one HTTP call may take, ms. */
  deadlineMs: z.number().int().min(100).max(600_000).default(60_000),
  /** Part of the org's daily calls left to people and other applications, 0 to 1. */
  reserve: z.number().min(0).max(0.95).default(0.2),
  /** A full reading of at least this many records goes through Bulk API 2.0; false: never. */
  bulkFrom: z.union([z.number().int().min(1), z.literal(false)]).default(50_000),
  /** Records per page of a bulk result: one call each, held in memory as text. */
  bulkPageRecords: z.number().int().min(1).max(100_000).default(10_000),
  /** The org's only currency, for orgs without multiple currencies (the API does not tell it). ISO 4217. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a code such as EUR')
    .optional(),
  customFields: z
    .record(z.string(), z.strictObject({ native: nativeField, kind: z.enum(FIELD_KINDS) }))
    .default({}),
  /** `respect`: what each record type offers is read, one call per type in use. */
  recordTypes: z.enum(['respect', 'ignore']).default('respect'),
  /** Salesforce has none that could be read: validation rules answer when something is written. */
  pipelineRules: z.enum(['respect', 'ignore']).default('ignore'),
  evidence: evidenceSettings(nativeField),
  /** Last part of the address Outbound Messages go to; two while it is being changed. */
  webhookSecret: webhookSecrets(SHORTEST_SECRET),
  /** Whose Outbound Messages are taken; known from the first run on when left out. */
  organizationId: z
    .string()
    .regex(/^00D[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$/, 'must be an organization id, which begins with 00D')
    .optional(),
  /** Change Data Capture through the Pub/Sub API: off, on, or on at another address than the usual one. */
  changeEvents: z
    .union(
      [
        z.boolean(),
        z.strictObject({
          enabled: z.boolean().default(true),
          endpoint: z
            .url({
              protocol: /^https?$/,
              error: `must be an address such as ${PUBSUB_ENDPOINT}`,
            })
            .refine(
              isSafe,
              'must begin with https, or with http for this machine itself: an access token is sent to it',
            )
            .refine(isOrigin, 'must be a host and a port, without a path')
            .default(PUBSUB_ENDPOINT),
        }),
      ],
      { error: 'must be true, false, or the keys enabled and endpoint' },
    )
    .default(false)
    .transform((given) => {
      if (typeof given === 'boolean') return given ? PUBSUB_ENDPOINT : null;
      return given.enabled ? given.endpoint : null;
    }),
});

export type SalesforceSettings = z.output<typeof schema>;
export type SalesforceAuth = SalesforceSettings['auth'];

/**
 * Checks the settings of one Salesforce connection. `path` names the place in the configuration, for messages.
 * Throws OppsyncError `fix` naming every key that is wrong; values are never repeated, they may be secrets.
 */
export function parseSalesforceSettings(value: unknown, path: string): SalesforceSettings {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new OppsyncError({
    recovery: 'fix',
    code: 'config.salesforce',
    ...told('settings', settingsFaults(issues, path)),
    crm: 'salesforce',
    field: firstFault(issues, path),
  });
}
