import { CronExpressionParser } from 'cron-parser';
import type { KeyPath } from './document.ts';
import { nearest } from './nearest.ts';
import { isProfileFile, shippedProfileNames } from './profile-name.ts';
import type { ParsedConfig } from './schema.ts';
import { CUSTOM_KINDS, STANDARD_FIELD_KINDS } from './schema.ts';
import type { BareProblem } from './schema-problems.ts';

type ParsedSync = ParsedConfig['syncs'][string];
type Words = (value: unknown, path: KeyPath) => string;

/** Everything the schema alone cannot see: names that must exist, CRMs that must differ, patterns that must parse. */
export function crossCheck(config: ParsedConfig, words: Words): readonly BareProblem[] {
  const problems = Object.entries(config.syncs).flatMap(([name, sync]) =>
    syncProblems(config, name, sync, words),
  );
  const url = config.http.publicUrl;
  const addresses: readonly (readonly [KeyPath, string | undefined, string, RegExp])[] = [
    [['http', 'publicUrl'], url, 'https://oppsync.example.com', /^https?:$/],
    [['database', 'url'], config.database.url, 'postgresql://user@host:5432/name', /^postgres(ql)?:$/],
    [['tracing', 'endpoint'], config.tracing.endpoint, 'http://collector:4318', /^https?:$/],
    [['redis', 'url'], config.redis.url, 'redis://host:6379', /^rediss?:$/],
  ];
  for (const [path, value, expected, protocol] of addresses) {
    if (value === undefined) continue;
    const given = URL.canParse(value) ? new URL(value) : null;
    // Paths are put behind this one.
    const goesOn = value === url && given !== null && given.search + given.hash !== '';
    if (given === null || goesOn || !protocol.test(given.protocol))
      problems.push({ code: 'address', path, params: { expected }, atKey: false });
  }
  return problems;
}

function syncProblems(config: ParsedConfig, name: string, sync: ParsedSync, words: Words): BareProblem[] {
  const at = (...path: (string | number)[]): KeyPath => ['syncs', name, ...path];
  const problems: BareProblem[] = [];
  const add = (
    code: BareProblem['code'],
    path: KeyPath,
    params: Record<string, string>,
    atKey = false,
  ): void => {
    problems.push({ code, path, params, atKey });
  };

  for (const [index, wanted] of sync.connections.entries()) {
    if (Object.hasOwn(config.connections, wanted)) continue;
    const names = Object.keys(config.connections);
    const near = nearest(wanted, names);
    const hint = near !== null ? { near } : { known: names.join(', ') };
    add('unknown_connection', at('connections', index), {
      found: words(wanted, at('connections', index)),
      ...hint,
    });
  }
  if (sync.connections.length !== 2)
    add('wrong_count', at('connections'), { found: String(sync.connections.length) });
  const crms = sync.connections.map((wanted) => config.connections[wanted]?.crm);
  if (crms.length === 2 && crms[0] !== undefined && crms[0] === crms[1])
    add('same_crm', at('connections'), { crm: crms[0] });
  if (crms.length !== 2 || crms.includes(undefined) || crms[0] === crms[1]) return problems;

  const sides = crms as string[];
  const oneOf = (value: string, words_: readonly string[], path: KeyPath): void => {
    const expected = [...words_, ...sides];
    if (expected.includes(value)) return;
    const near = nearest(value, expected);
    add('not_allowed', path, {
      expected: expected.join(', '),
      found: words(value, path),
      ...(near === null ? {} : { near }),
    });
  };
  oneOf(sync.initial, ['ask', 'newest'], at('initial'));
  oneOf(sync.statusAuthority, ['most_advanced', 'newest_stage_change', 'review'], at('statusAuthority'));

  if (!isProfileFile(sync.profile) && !shippedProfileNames().includes(sync.profile)) {
    const near = nearest(sync.profile, shippedProfileNames());
    add('not_allowed', at('profile'), {
      expected: `${shippedProfileNames().join(', ')}, or the path of a file`,
      found: words(sync.profile, at('profile')),
      ...(near === null ? {} : { near }),
    });
  }
  sidesOnly(sync.decisions, at('decisions'));
  sidesOnly(sync.languages, at('languages'));
  for (const [crm, stages] of Object.entries(sync.decisions))
    for (const [stage, decided] of Object.entries(stages)) {
      const path = at('decisions', crm, stage);
      const idle = decided.status === 'closed' ? 'phase' : 'outcome';
      if (decided[idle] !== undefined)
        add(
          'unknown_key',
          [...path, idle],
          { key: idle, known: decided.status === 'closed' ? 'outcome' : 'phase' },
          true,
        );
    }

  for (const [field, policy] of Object.entries(sync.fields)) {
    const standard = Object.hasOwn(STANDARD_FIELD_KINDS, field);
    if (policy === false) {
      if (!standard) unknownField(field);
      continue;
    }
    const policies = ['ask', 'newest', 'non_blank', ...(field === 'stage' ? ['max_progress'] : [])];
    oneOf(policy.policy, policies, at('fields', field, 'policy'));
    if (standard) {
      for (const key of ['kind', 'native'] as const)
        if (policy[key] !== undefined) add('standard_native', at('fields', field, key), { key }, true);
      continue;
    }
    if (policy.kind === undefined && policy.native === undefined) {
      unknownField(field);
      continue;
    }
    if (policy.kind === undefined)
      add('custom_kind', at('fields', field), { expected: CUSTOM_KINDS.join(', ') }, true);
    for (const crm of sides)
      if (policy.native?.[crm] === undefined)
        add('custom_native', at('fields', field, 'native'), { crm }, true);
    sidesOnly(policy.native ?? {}, at('fields', field, 'native'));
  }
  for (const [index, row] of (sync.stages ?? []).entries()) sidesOnly(row, at('stages', index));
  sidesOnly(sync.excludePipelines, at('excludePipelines'));
  sidesOnly(sync.create, at('create'));
  sidesOnly(sync.rollups, at('rollups'));
  if (sync.schedule !== false) {
    const { cron, timeZone } = sync.schedule;
    if (!isCron(cron)) add('cron', at('schedule', 'cron'), { found: words(cron, at('schedule', 'cron')) });
    if (!isTimeZone(timeZone))
      add('time_zone', at('schedule', 'timeZone'), { found: words(timeZone, at('schedule', 'timeZone')) });
  }
  return problems;

  function unknownField(field: string): void {
    const known = Object.keys(STANDARD_FIELD_KINDS);
    const near = nearest(field, known);
    if (near !== null) add('unknown_key', at('fields', field), { key: field, near }, true);
    else add('custom_kind', at('fields', field), { expected: CUSTOM_KINDS.join(', ') }, true);
  }
  function sidesOnly(group: Readonly<Record<string, unknown>>, path: KeyPath): void {
    for (const crm of Object.keys(group))
      if (!sides.includes(crm))
        add('unknown_side', [...path, crm], { found: crm, expected: sides.join(', ') }, true);
  }
}

/** True for the five classic parts, at a moment that can come: not the 31st of February. */
export function isCron(pattern: string): boolean {
  if (pattern.trim().split(/\s+/).length !== 5) return false;
  // "H" is another moment each time it is looked at.
  if (/(^|[\s,])h(?![a-z])/i.test(pattern)) return false;
  try {
    CronExpressionParser.parse(pattern, { strict: false }).next();
    return true;
  } catch {
    return false;
  }
}

/** True for a zone this runtime can compute with. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
