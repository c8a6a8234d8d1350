import type { Org } from '../org.ts';
import type { App } from './sessions.ts';

/** The engine's app and the others the switches name. */
export class Apps {
  readonly engine: App;
  readonly webhookSecret: string;
  readonly #org: Org;

  constructor(org: Org) {
    this.#org = org;
    const random = org.deps.random.fork('salesforce credentials');
    const digits = (length: number): string => {
      let out = '';
      for (let i = 0; i < length; i += 1) out += '0123456789abcdef'.charAt(random.int(0, 15));
      return out;
    };
    this.engine = { clientId: `3MVG9${digits(40)}`, clientSecret: digits(64).toUpperCase(), actor: 'engine' };
    this.webhookSecret = digits(64);
  }

  find(clientId: string): App | undefined {
    if (clientId === this.engine.clientId) return this.engine;
    const other = this.#org.switches.apps.find((app) => app.clientId === clientId);
    return other === undefined ? undefined : { ...other, actor: `app:${other.name}` };
  }
}
