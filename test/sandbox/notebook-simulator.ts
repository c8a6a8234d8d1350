import {
  DatasetError,
  type DatasetLine,
  type SandboxDeps,
  type Simulator,
} from '../../src/sandbox/simulator.ts';

/**
 * A CRM reduced to a notebook: `note` records with a text. GET /notes lists, PUT /notes/{id} writes the body,
 * GET /big answers 300 kB, GET /boom throws. Enough to see everything the surrounding sandbox does.
 */
export function createNotebook(crm: Simulator['crm'], deps: SandboxDeps): Simulator {
  const notes = new Map<string, string>();
  let url = '';
  let switches: Record<string, unknown> = {};
  const write = (id: string, text: string, actor: string): boolean => {
    const before = notes.get(id);
    if (before === text) return false;
    notes.set(id, text);
    const action = before === undefined ? 'create' : 'update';
    deps.truth.append({
      at: deps.clock.now(),
      crm,
      type: 'note',
      id,
      action,
      actor,
      fields: { text: { before, after: text } },
    });
    return true;
  };
  return {
    crm,
    listening(base) {
      url = base;
    },
    async handle({ method, path, query, body }) {
      if (path === '/boom') throw new Error('a mistake in the simulator');
      if (path === '/nothing') return { status: 204, route: 'GET /nothing' };
      if (path === '/echo') {
        return {
          status: 200,
          body: { q: query.getAll('q'), size: body.length, url, switches },
          route: 'POST /echo',
        };
      }
      if (path === '/big') return { status: 200, body: { text: 'é'.repeat(150_000) }, route: 'GET /big' };
      if (method === 'PUT') {
        deps.counters.write(
          !write(decodeURIComponent(path.slice('/notes/'.length)), body.toString(), 'engine'),
        );
        return { status: 200, body: { saved: true, luck: deps.random.next() }, route: 'PUT /notes/{id}' };
      }
      return { status: 200, body: Object.fromEntries(notes), route: 'GET /notes' };
    },
    load({ type, fields }: DatasetLine) {
      if (type !== 'note') throw new DatasetError('unknown_type', { type, crm, near: 'note' });
      notes.set(String(fields['id']), String(fields['text']));
    },
    loaded() {},
    *state() {
      for (const [id, text] of notes) yield { crm, type: 'note', fields: { id, text } };
    },
    edit({ id, fields, actor }) {
      if (id === undefined || !notes.has(id)) return { ok: false, status: 404, error: `no note ${id}` };
      const changed = write(id, String(fields?.['text']), actor ?? '?');
      return { ok: true, id, changed: changed ? ['text'] : [] };
    },
    credentials: () => ({ url, token: `${crm}-token` }),
    configure(given) {
      for (const name of Object.keys(given)) if (name !== 'mood') throw new Error(`unknown switch "${name}"`);
      switches = { ...switches, ...given };
    },
  };
}
