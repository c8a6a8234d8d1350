import { z } from 'zod';
import { brakes } from './brakes-schema.ts';

/** Synced fields both CRMs have, with how their values are compared. */
export const STANDARD_FIELD_KINDS = {
  name: 'text',
  stage: 'stage',
  amount: 'decimal',
  currency: 'currency',
  closeDate: 'date',
  owner: 'person',
  nextStep: 'text',
} as const;

/** How a custom field's values may be compared and written. */
export const CUSTOM_KINDS = [
  'text',
  'decimal',
  'date',
  'instant',
  'choice',
  'choices',
  'boolean',
  'person',
  'currency',
] as const;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** Spelling of connection keys, for environment variables that name a key the file does not have. */
export const CONNECTION_KEYS = [
  'crm',
  'url',
  'auth',
  'type',
  'clientId',
  'clientSecret',
  'username',
  'privateKey',
  'audience',
  'refreshToken',
  'token',
  'webhookSecret',
  'webhookSignatures',
  'organizationId',
  'apiVersion',
  'deadlineMs',
  'reserve',
  'bulkFrom',
  'bulkPageRecords',
  'evidence',
  'changeEvents',
  'enabled',
  'endpoint',
] as const;

/** Where an active opportunity may stand. */
const PHASES = [
  'prospecting',
  'qualifying',
  'meeting',
  'proposing',
  'negotiating',
  'committing',
  'finalising',
  'paused',
] as const;

const name = z.string().min(1);

const field = z.strictObject({
  policy: name
    .default('ask')
    .describe(
      'who wins when both sides changed the field: ask, newest, non_blank, max_progress (stages only) or the name of a CRM',
    ),
  blank: z
    .enum(['ignore', 'propagate'])
    .default('ignore')
    .describe('what an emptied value means: ignore keeps the other side, propagate empties it too'),
  kind: z.enum(CUSTOM_KINDS).optional().describe('custom fields only: how values are compared and written'),
  native: z.record(name, name).optional().describe('custom fields only: the name of the field in each CRM'),
});

const stageKeys = z.union([name, z.array(name).min(1)]);

const schedule = z.strictObject({
  cron: z.string().default('0 2 * * *').describe('when the nightly run starts, as a cron pattern'),
  timeZone: z.string().default('UTC').describe('IANA time zone the pattern is read in'),
  jitterMinutes: z
    .number()
    .min(0)
    .max(120)
    .default(5)
    .describe('each start is put off by up to this many minutes, so that many syncs do not begin at once'),
  alertAfterHours: z
    .number()
    .min(1)
    .max(24 * 60)
    .default(26)
    .describe('a last good nightly run older than this is reported as overdue'),
});

const events = z.strictObject({
  windowMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(2_000)
    .describe('how long the first event waits for others, so that they are read together; milliseconds'),
});

const decision = z.strictObject({
  status: z.enum(['active', 'closed', 'unknown']).describe('what records in this stage are'),
  outcome: z
    .enum(['won', 'lost', 'cancelled'])
    .optional()
    .describe('of a closed one; what the CRM says when left out'),
  phase: z.enum(PHASES).optional().describe('of an active one'),
});

const share = z.number().min(0.5).max(1);

const pairing = z.strictObject({
  accept: z
    .enum(['none', 'certain'])
    .default('none')
    .describe('pairs found by likeness that are made without asking: none, or those of the band certain'),
  certain: share
    .default(0.99)
    .describe('least probability of a certain pair, when nothing speaks against it'),
  ask: share.default(0.5).describe('least probability of a pair worth asking about'),
});

const sync = z.strictObject({
  connections: z.array(name).describe('the names of the two connections to keep in agreement'),
  initial: name
    .default('ask')
    .describe(
      'what decides a field that differs when the two sides never agreed: ask, newest, or the name of a CRM',
    ),
  statusAuthority: name
    .default('most_advanced')
    .describe(
      'whose verdict counts when the sides disagree: most_advanced, newest_stage_change, review, or the name of a CRM',
    ),
  profile: name
    .default('standard')
    .describe(
      'the rules that say when a sale is truly closed: standard, consulting, agency, fundraising, strict, or the path of a file',
    ),
  decisions: z
    .record(name, z.record(name, decision))
    .default({})
    .describe('per CRM and stage key what you decide for that stage, whatever the CRM says'),
  languages: z
    .record(name, z.string().regex(/^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/))
    .default({})
    .describe('per CRM the language of its stage names, such as fr; detected when left out'),
  fields: z
    .record(name, z.union([z.literal(false), field]))
    .default({})
    .describe('per field its policy; false leaves a standard field alone'),
  stages: z
    .array(z.record(name, stageKeys))
    .optional()
    .describe('stages that mean the same, one row each; the first key of a CRM is the one written'),
  excludePipelines: z
    .record(name, z.array(name))
    .default({})
    .describe('per CRM the pipelines whose records are left out'),
  recordTypes: z
    .enum(['respect', 'ignore'])
    .default('respect')
    .describe('respect holds a stage or choice the record type does not offer; ignore lets the CRM decide'),
  pipelineRules: z
    .enum(['respect', 'ignore'])
    .default('ignore')
    .describe('respect holds a stage that a rule of the HubSpot pipeline forbids people to set'),
  pairing: pairing.prefault({}),
  create: z
    .record(name, z.union([z.boolean(), z.enum(['active', 'all'])]))
    .default({})
    .describe(
      'per CRM whether missing counterparts are created in it: false, active (of active records only; true means the same) or all',
    ),
  rollups: z
    .record(name, z.boolean())
    .default({})
    .describe(
      'per CRM whether each account gets what its opportunities amount to: open and won amount, win rate, median cycle',
    ),
  rollupRates: z
    .strictObject({
      file: name.describe('rate table, from the folder of this file: CSV or JSON with date, currency, rate'),
      currency: z
        .string()
        .regex(/^[A-Za-z]{3}$/)
        .describe('currency everything is converted into, such as EUR'),
    })
    .optional()
    .describe('converts the amounts of roll-ups; without it amounts of several currencies are left blank'),
  schedule: z
    .union([z.literal(false), schedule])
    .prefault({})
    .describe('the nightly run; false switches it off'),
  events: z
    .union([z.literal(false), events])
    .default({ windowMs: 2_000 })
    .describe('what the CRMs tell by webhook is carried over at once; false leaves it to the nightly run'),
  brakes: brakes.prefault({}).describe('limits of what a run may change by itself'),
  checkWrites: z
    .boolean()
    .default(true)
    .describe('after writing, look in the history of the CRMs for edits that were replaced at that moment'),
  history: z
    .enum(['from_first_run', 'backfill'])
    .default('from_first_run')
    .describe(
      'what regressions, pushes and reopenings are counted from: what oppsync saw itself, or also, read once, what the CRMs remember',
    ),
  tieMarginMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(60_000)
    .describe('two changes closer than this many milliseconds are a tie for the policy newest'),
});

const connection = z.looseObject({
  crm: name.describe('salesforce or hubspot; every other key belongs to that connector'),
});

/** The whole configuration file. Each setting is described here and nowhere else in code. */
export const configSchema = z.strictObject({
  connections: z.record(name, connection).describe('accounts, by a name of your choice'),
  syncs: z.record(name, sync).describe('pairings of two connections, by a name of your choice'),
  http: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('the address the web role listens on'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(8080)
        .describe('the port the web role listens on; 0 takes a free one'),
      publicUrl: z.string().optional().describe('the address under which others reach the web role'),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: z.string().optional().describe('a PostgreSQL to use; without it an embedded one is started'),
      dataDir: z.string().optional().describe('the folder of the embedded database'),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: z.string().optional().describe('a Redis for the queue; without it PostgreSQL carries it'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(LOG_LEVELS)
        .optional()
        .describe('least severity that is logged; info, or warn for commands'),
    })
    .prefault({}),
  tracing: z
    .strictObject({
      endpoint: z
        .string()
        .optional()
        .describe('base address of an OpenTelemetry collector; without it nothing is traced'),
    })
    .prefault({}),
});

export type ParsedConfig = z.output<typeof configSchema>;
