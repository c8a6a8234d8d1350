import type { Problem } from './hub-error.ts';
import type { ObjectStore } from './object-store.ts';
import type { Portal } from './portal.ts';
import type { PropertyDefinition } from './property-definition.ts';
import type { HubRecord } from './record.ts';
import { normalise } from './values.ts';

/** A write that was checked: what would be stored, and every reason not to. */
export interface Intent {
  readonly store: ObjectStore;
  /** Absent when a record would be created. */
  readonly record: HubRecord | undefined;
  readonly values: ReadonlyMap<string, string | null>;
  readonly problems: readonly Problem[];
}

/** Unique values taken by earlier inputs of the same batch: `property` + value -> who. */
export type Claims = Map<string, HubRecord | symbol>;

/** Checks all values of one write and collects every offender (hubspot.md §4.2, §10 item 9). */
export function validate(
  portal: Portal,
  store: ObjectStore,
  record: HubRecord | undefined,
  properties: Readonly<Record<string, unknown>>,
  claims: Claims = new Map(),
): Intent {
  const values = new Map<string, string | null>();
  const problems: Problem[] = [];
  for (const [name, raw] of Object.entries(properties)) {
    const definition = store.properties.get(name);
    if (definition === undefined) {
      problems.push({ name, code: 'PROPERTY_DOESNT_EXIST', message: `Property "${name}" does not exist` });
      continue;
    }
    const value = checkOne(portal, definition, record, raw, problems);
    if (value === undefined) continue;
    const taken =
      value !== null && definition.hasUniqueValue ? claimant(store, record, name, value, claims) : null;
    if (taken !== null) {
      problems.push({
        name,
        code: 'CONFLICTING_UNIQUE_VALUE',
        message: `${String(value)} is already used for property "${name}"${taken}.`,
        value: String(value),
      });
      continue;
    }
    values.set(name, value);
  }
  if (store.type.plural === 'deals') checkStage(portal, record, values, problems);
  return { store, record, values, problems };
}

function checkOne(
  portal: Portal,
  definition: PropertyDefinition,
  record: HubRecord | undefined,
  raw: unknown,
  problems: Problem[],
): string | null | undefined {
  const { name } = definition;
  const refuse = (code: string, message: string): undefined => {
    problems.push({ name, code, message, value: String(raw) });
    return undefined;
  };
  if (definition.readOnlyValue) {
    const kind = definition.calculated ? 'calculated' : 'read only';
    return refuse('READ_ONLY_VALUE', `"${name}" is a ${kind} property; its value cannot be set.`);
  }
  const result = normalise(definition, appended(definition, record, raw));
  if (!result.ok) return refuse(result.code, result.message);
  const { value } = result;
  if (value === null) return null;
  const rule = portal.switches.rejects.find((reject) => reject.property === name && reject.value === value);
  if (rule !== undefined) return refuse('INVALID_OPTION', rule.message);
  if (name === 'hubspot_owner_id' && !portal.owners.has(value)) {
    return refuse('INVALID_OPTION', `${value} was not one of the allowed options: owner does not exist`);
  }
  if (name === 'deal_currency_code' && !portal.isActiveCurrency(value)) {
    return refuse('INVALID_OPTION', `${value} is not an active currency of this account`);
  }
  if (name === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
    return refuse('INVALID_EMAIL', `Email address ${value} is invalid`);
  }
  return value;
}

/** ";a;b" adds to the options already chosen (hubspot.md §2.6). */
function appended(definition: PropertyDefinition, record: HubRecord | undefined, raw: unknown): unknown {
  if (definition.fieldType !== 'checkbox' || typeof raw !== 'string' || !raw.startsWith(';')) return raw;
  const chosen = (record?.get(definition.name) ?? '').split(';').concat(raw.split(';'));
  return [...new Set(chosen.filter((value) => value !== ''))].join(';');
}

/** Null when the value is free; else words that say who holds it. */
function claimant(
  store: ObjectStore,
  record: HubRecord | undefined,
  name: string,
  value: string,
  claims: Claims,
): string | null {
  const holder = store.byUnique(name, value);
  if (holder !== undefined && holder !== record) return ` by ${store.type.singular} ${holder.id}`;
  const key = `${name}\u0000${value}`;
  const claim = claims.get(key);
  if (claim !== undefined && claim !== record) return ' by another input of this batch';
  claims.set(key, record ?? Symbol('new record'));
  return null;
}

/** A stage must belong to the pipeline the deal ends up in; a stage without pipeline means the default one (§2.7, §4.2). */
function checkStage(
  portal: Portal,
  record: HubRecord | undefined,
  values: Map<string, string | null>,
  problems: Problem[],
): void {
  if (!values.has('dealstage') && !values.has('pipeline')) return;
  const stage = values.has('dealstage') ? values.get('dealstage') : record?.get('dealstage');
  const pipeline = values.has('pipeline') ? values.get('pipeline') : record?.get('pipeline');
  const unchanged = stage === record?.get('dealstage') && pipeline === record?.get('pipeline');
  if (record !== undefined && unchanged) return;
  const refuse = (name: string, value: string, allowed: readonly string[]): void => {
    const message = `${value} was not one of the allowed options: [${allowed.join(', ')}]`;
    problems.push({ name, code: 'INVALID_OPTION', message, value });
  };
  const live = portal.pipelines.live();
  if (typeof pipeline === 'string' && portal.pipelines.get(pipeline) === undefined) {
    refuse(
      'pipeline',
      pipeline,
      live.map(({ id }) => id),
    );
    return;
  }
  if (typeof stage !== 'string') {
    if (typeof values.get('pipeline') === 'string' && record !== undefined) refuse('dealstage', 'null', []);
    return;
  }
  const meant = typeof pipeline === 'string' ? pipeline : portal.pipelines.fallback()?.id;
  if (meant === undefined || !portal.pipelines.holds(meant, stage)) {
    const known = meant === undefined ? undefined : portal.pipelines.get(meant);
    refuse('dealstage', stage, known?.stages.filter((each) => !each.archived).map(({ id }) => id) ?? []);
  } else if (typeof pipeline !== 'string') values.set('pipeline', meant);
}
