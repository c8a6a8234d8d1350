/**
 * One of the sandbox's simulators as a CRM of the story: real connectors talk to it, people edit it as the control prefix
 * lets them, and its own truth log is all that is told of it.
 */
import { CONNECTORS } from '../../../src/connectors/index.ts';
import { createClock } from '../../../src/sandbox/clock.ts';
import { createHost, type Host } from '../../../src/sandbox/host.ts';
import { createHubspotSimulator } from '../../../src/sandbox/hubspot/index.ts';
import { createSalesforceSimulator } from '../../../src/sandbox/salesforce/index.ts';
import type { SandboxEdit, SimRequest, Simulator, TruthEntry } from '../../../src/sandbox/simulator.ts';
import { quiet } from '../../support/database.ts';
import type { CrmUnderTest, Standing } from '../crm-under-test.ts';
import type { Side } from '../schedule.ts';
import { idAfter } from '../simulated-creator.ts';
import type { TruthLog } from '../truth.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { joinNetwork } from './network.ts';
import { type Asked, askedBy } from './requests.ts';
import { faultRule } from './troubles.ts';
import {
  type CrmName,
  FIELDS,
  ID_FIELD,
  nativeId,
  nativeValue,
  numberInKey,
  OWNED,
  stageLines,
  storyValue,
  TYPE,
} from './words.ts';

const TOKEN_PATH = '/services/oauth2/token';
const SIMULATORS = { salesforce: createSalesforceSimulator, hubspot: createHubspotSimulator } as const;

export interface SandboxCrmParts {
  readonly crm: CrmName;
  readonly side: Side;
  /** Begins the names of its hosts on the network of the process. */
  readonly prefix: string;
  readonly seed: number;
  readonly time: VirtualTime;
  readonly truth: TruthLog;
  readonly skewMs: number;
  /** Hides how many records there are, so that changed ones are searched for. */
  readonly searches: boolean;
  readonly switches: Readonly<Record<string, unknown>>;
  /** Milliseconds for which an edit of a person may be open and unseen. */
  readonly lateMs: number;
  /** How a request gets to the simulator and an answer back. */
  readonly exchange: (host: Host, request: SimRequest) => Promise<Response>;
  readonly deadlineMs: number;
}

/** What is written now, and by whom. */
interface Author {
  readonly actor: 'human' | 'engine';
  /** Fields of the CRM that a person named; all others are the CRM's own doing. */
  readonly named: ReadonlySet<string>;
  /** What the process knew of a record: up to which entry of the truth. */
  readonly knew: (storyId: string) => number;
}

const NOBODY: Author = { actor: 'human', named: new Set(), knew: () => 0 };

export function createSandboxCrm(parts: SandboxCrmParts): { crm: CrmUnderTest; host: Host } {
  const { crm, side, time, truth } = parts;
  const storyOf = (native: string): string => stories.get(native) ?? native;
  const stories = new Map<string, string>();
  const natives = new Map<string, string>();
  const nativeOf = (id: string): string => natives.get(id) ?? nativeId(crm, id);
  const isTaken = (id: string): boolean => [...stories.values()].includes(id);
  /** A record oppsync has made gets its name in the story. */
  function born(native: string, key: string): void {
    const id = idAfter(numberInKey(key), side, isTaken);
    stories.set(native, id);
    natives.set(id, native);
  }
  const fieldOf = inverted(FIELDS[crm], OWNED[crm]);
  let author = NOBODY;
  let version = 0;

  const host = createHost({
    crm,
    create: (deps, options): Simulator =>
      SIMULATORS[crm](
        {
          ...deps,
          truth: {
            since: (seq) => deps.truth.since(seq),
            append(entry) {
              deps.truth.append(entry);
              note(entry);
            },
          },
        },
        options,
      ),
    clock: createClock(time.now() + parts.skewMs, time.now),
    seed: parts.seed,
    provisioned: true,
    switches: parts.switches,
    source: { kind: 'empty' },
  });
  const { simulator } = host.life;
  for (const line of stageLines(crm, side)) simulator.load(line);

  /** Takes an entry of the simulator's truth into the story's. */
  function note(entry: Omit<TruthEntry, 'seq'>): void {
    version += 1;
    if (entry.type !== TYPE[crm] || entry.actor === 'import') return;
    const isNew = entry.action === 'create' && entry.actor === 'engine';
    const key = String(entry.fields[OWNED[crm]['pairKey'] ?? '']?.after ?? '');
    if (isNew) born(entry.id, key);
    const id = storyOf(entry.id);
    const actor = entry.actor === 'engine' ? 'engine' : 'human';
    const about = { crm: side, id, knew: isNew ? truth.seq() : actor === 'engine' ? author.knew(id) : 0 };
    if (entry.action === 'delete' || entry.action === 'restore')
      truth.append({ ...about, actor, action: entry.action, field: '', before: null, after: null });
    if (isNew) truth.append({ ...about, actor, action: 'create', field: '', before: null, after: key });
    if (entry.action !== 'update' && !isNew) return;
    for (const [native, { before, after }] of Object.entries(entry.fields)) {
      const field = fieldOf.get(native);
      if (field === undefined) continue;
      truth.append({
        ...about,
        action: 'set',
        actor: actor === 'human' && !author.named.has(native) ? 'crm' : actor,
        field,
        before: storyValue(field, before),
        after: storyValue(field, after),
      });
    }
  }

  const lately: { readonly id: string; readonly seq: number; readonly at: number }[] = [];
  function people(edit: SandboxEdit): boolean {
    begin();
    author = { ...NOBODY, named: new Set(Object.keys(edit.fields ?? {})) };
    const before = truth.seq();
    const { ok } = simulator.edit({ ...edit, actor: 'human:ann' });
    author = NOBODY;
    if (truth.seq() > before) lately.push({ id: storyOf(edit.id ?? ''), seq: before + 1, at: time.now() });
    return ok && truth.seq() > before;
  }

  let standings: { readonly at: number; readonly byId: ReadonlyMap<string, Standing> } | null = null;
  function current(id: string): Standing {
    if (standings?.at !== version) standings = { at: version, byId: read() };
    const found = standings.byId.get(id);
    if (found === undefined) throw new Error(`${crm} has no record ${id}`);
    return found;
  }

  function read(): Map<string, Standing> {
    const byId = new Map<string, Standing>();
    for (const { type, fields, deleted } of simulator.state()) {
      if (type !== TYPE[crm]) continue;
      const told = (names: Readonly<Record<string, string>>) =>
        Object.fromEntries(
          Object.entries(names).map(([field, native]) => [field, storyValue(field, fields[native])]),
        );
      byId.set(storyOf(String(fields[ID_FIELD[crm]])), {
        fields: told(FIELDS[crm]),
        owned: told(OWNED[crm]),
        deleted: deleted === true,
      });
    }
    return byId;
  }

  const refusing = new Map<string, Record<string, unknown>>();
  let hidden: string[] = [];
  const configureTroubles = (): void =>
    simulator.configure(
      crm === 'salesforce'
        ? { validationRules: [...refusing.values()], hiddenFields: hidden }
        : { rejects: [...refusing.values()] },
    );

  let turn: Promise<unknown> = Promise.resolve();
  /** One request at a time, so that what is written meanwhile is its writing. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  }

  const needless: string[] = [];
  let faults = 0;
  let loaded = false;
  function begin(): void {
    if (loaded) return;
    loaded = true;
    simulator.loaded();
    host.start();
  }

  const under: CrmUnderTest = {
    crm,
    ids: () => stories.values(),
    storyId: storyOf,
    current,
    create(id, fields, linkedId) {
      const native = nativeId(crm, id);
      stories.set(native, id);
      const named = Object.fromEntries(
        Object.entries(FIELDS[crm]).map(([field, name]) => [
          name,
          nativeValue(crm, field, fields[field] ?? null),
        ]),
      );
      const link =
        crm === 'hubspot' && linkedId !== null
          ? { hs_salesforceopportunityid: nativeId('salesforce', linkedId) }
          : {};
      const pipeline = crm === 'hubspot' ? { pipeline: 'sales' } : {};
      simulator.load({
        ...{ crm, type: TYPE[crm] },
        fields: { [ID_FIELD[crm]]: native, ...named, ...link, ...pipeline },
      });
      version += 1;
    },
    edit: (id, field, value) =>
      people({
        ...{ type: TYPE[crm], id: nativeOf(id) },
        fields: { [FIELDS[crm][field] ?? field]: nativeValue(crm, field, value) },
      }),
    remove: (id) => people({ type: TYPE[crm], id: nativeOf(id), action: 'delete' }),
    restore: (id) => people({ type: TYPE[crm], id: nativeOf(id), action: 'restore' }),
    refuse(id, values) {
      const message = 'this is not to be changed any more';
      if (crm === 'salesforce')
        refusing.set(id, { name: id, when: { field: 'Id', equals: nativeOf(id) }, message });
      else
        for (const [field, property] of Object.entries(FIELDS.hubspot)) {
          const value = values[field] ?? null;
          if (field === 'stage' || value === null || value === current(id).fields[field]) continue;
          refusing.set(`${id} ${field}`, { property, value, message });
        }
      configureTroubles();
    },
    hide(field) {
      // HubSpot shows an app all properties of an object or none.
      if (crm === 'salesforce') hidden = [...hidden, `Opportunity.${FIELDS.salesforce[field]}`];
      configureTroubles();
    },
    show() {
      hidden = [];
      configureTroubles();
    },
    fail: (fault) => host.life.faults.add(faultRule(crm, fault, faults++)),
    heal() {
      host.life.faults.clear();
      refusing.clear();
      hidden = [];
      configureTroubles();
    },
    needless: () => needless,
    writes: () => host.life.counters.report().writes,
    connect(process) {
      begin();
      const knew = new Map<string, number>();
      const origin = joinNetwork(`${parts.prefix}${crm}-${process.name}`, async (request) => {
        const asked = askedBy(crm, request);
        await process.step(`${crm} ${asked.kind}`);
        const answer = await alone(async () => {
          author = { actor: 'engine', named: new Set(), knew: (id) => knew.get(id) ?? -1 };
          noteNeedless(asked, author);
          // What people do while the answer is on its way may be in it or not: it is not counted as known.
          const seen =
            asked.kind === 'read' ? asked.ids.map(storyOf).map((id) => [id, seenUpTo(id)] as const) : [];
          try {
            return await parts.exchange(host, request);
          } finally {
            for (const [id, seq] of seen) knew.set(id, seq);
            author = NOBODY;
          }
        });
        await process.step(`${crm} ${asked.kind} answered`);
        return request.path === TOKEN_PATH ? atHost(answer, origin) : answer;
      });
      return connector(origin, process);
    },
  };

  /** What is sent although the record was known to hold it. A close date goes along with a stage, so that it stays. */
  function noteNeedless({ sent }: Asked, { knew }: Author): void {
    for (const [native, values] of sent) {
      const id = storyOf(native);
      // Whoever writes what somebody else has just written could not know it.
      if (truth.entries.slice(Math.max(0, knew(id))).some((entry) => entry.id === id)) continue;
      const { fields, owned } = current(id);
      for (const [name, value] of Object.entries(values)) {
        const field = fieldOf.get(name);
        if (field === undefined || (field === 'closeDate' && (FIELDS[crm]['stage'] ?? '') in values))
          continue;
        const held = field.startsWith('owned.') ? owned[field.slice(6)] : fields[field];
        if (storyValue(field, value) === held) needless.push(`${id}.${field}`);
      }
    }
  }

  /** Edits of people may be open for a while: what is younger may not have been seen by a reading. */
  function seenUpTo(id: string): number {
    if (parts.lateMs === 0) return truth.seq();
    const since = time.now() - parts.lateMs;
    const open = lately.find((entry) => entry.id === id && entry.at >= since);
    return open === undefined ? truth.seq() : open.seq - 1;
  }
  function connector(origin: string, process: Parameters<CrmUnderTest['connect']>[0]) {
    const make = CONNECTORS[crm];
    if (make === undefined) throw new Error(`no connector for ${crm}`);
    const { clientId, clientSecret, token } = simulator.credentials();
    const auth =
      crm === 'salesforce'
        ? { type: 'client_credentials', clientId, clientSecret }
        : { type: 'token', token };
    const real = make({ url: origin, auth, deadlineMs: parts.deadlineMs }, crm, { ...process, log: quiet });
    return {
      ...real,
      capabilities: {
        ...real.capabilities,
        ...{ readBatch: 4, writeBatch: 2 },
        ...(crm === 'hubspot' ? { writeConcurrency: 2 } : {}),
        ...(parts.searches ? { fullPage: 0.01 } : {}),
      },
    };
  }

  return { crm: under, host };
}

/** A login tells where the API is: here, at the host that belongs to the process. */
async function atHost(answer: Response, origin: string): Promise<Response> {
  const text = (await answer.text()).replace(/"instance_url":"[^"]*"/, `"instance_url":"${origin}"`);
  return new Response(text, { status: answer.status, headers: answer.headers });
}

function inverted(fields: Readonly<Record<string, string>>, owned: Readonly<Record<string, string>>) {
  return new Map([
    ...Object.entries(fields).map(([field, native]) => [native, field] as const),
    ...Object.entries(owned).map(([field, native]) => [native, `owned.${field}`] as const),
  ]);
}
