import type { EventBus } from '../event-bus.ts';
import type {
  DatasetError,
  DatasetLine,
  EditResult,
  SandboxDeps,
  SandboxEdit,
  SimRequest,
  SimResponse,
  Simulator,
} from '../simulator.ts';
import type { WebhookVoice } from '../webhook-voice.ts';
import { Apps } from './auth/apps.ts';
import { identityEndpoints } from './auth/identity.ts';
import { Sessions } from './auth/sessions.ts';
import { BulkJobs } from './bulk/jobs.ts';
import { completeImport } from './complete-import.ts';
import { Loader } from './dataset.ts';
import { applyEdit } from './edit.ts';
import { ApiError } from './errors.ts';
import { Org } from './org.ts';
import { salesforceVoice } from './outbound-messages.ts';
import { pubSub } from './pubsub/service.ts';
import { Limits } from './rest/limits.ts';
import { Locators } from './rest/locators.ts';
import { RestApi } from './rest/rest-api.ts';
import { AccountLocks } from './save/locks.ts';
import { fillCurrencies, seedOrg } from './seed.ts';
import { orgState } from './state.ts';
import { applySwitches } from './switches.ts';

/** A Salesforce org in memory that speaks the REST, Bulk 2.0, Tooling (custom fields) and OAuth endpoints oppsync meets. */
export function createSalesforceSimulator(
  deps: SandboxDeps,
  options: { readonly provisioned: boolean },
): Simulator {
  return new SalesforceSimulator(deps, options);
}

class SalesforceSimulator implements Simulator {
  readonly crm = 'salesforce';
  readonly voice: WebhookVoice;
  readonly bus: EventBus;
  readonly #org: Org;
  readonly #apps: Apps;
  readonly #sessions: Sessions;
  readonly #loader: Loader;
  readonly #rest: RestApi;
  readonly #metadata: { changedAt: number };
  #isLoaded = false;

  constructor(deps: SandboxDeps, options: { readonly provisioned: boolean }) {
    const org = new Org(deps, options);
    seedOrg(org);
    this.#org = org;
    this.voice = salesforceVoice(org);
    this.#apps = new Apps(org);
    this.#sessions = new Sessions(org);
    this.bus = pubSub(org, this.#sessions);
    this.#loader = new Loader(org);
    this.#metadata = { changedAt: org.now() };
    this.#rest = new RestApi(this.#sessions, {
      org,
      limits: new Limits(org),
      locators: new Locators(org),
      locks: new AccountLocks(),
      bulk: new BulkJobs(),
      metadata: this.#metadata,
    });
  }

  listening(baseUrl: string): void {
    this.#org.baseUrl = baseUrl.replace(/\/$/, '');
  }

  async handle(request: SimRequest): Promise<SimResponse> {
    if (!this.#isLoaded) this.loaded();
    const answer = await this.#answer(request);
    // Clients take the end of their windows from the server's clock, which is the sandbox's.
    const date = new Date(this.#org.now()).toUTCString();
    return { ...answer, headers: { date, ...answer.headers } };
  }

  async #answer(request: SimRequest): Promise<SimResponse> {
    try {
      if (request.path.startsWith('/services/data')) return await this.#rest.answer(request);
      const deps = { org: this.#org, apps: this.#apps, sessions: this.#sessions };
      return identityEndpoints(deps, request);
    } catch (error) {
      const refusal = error instanceof ApiError ? error : unexpected(error);
      return { status: refusal.status, body: refusal.body(), route: `${request.method} ${request.path}` };
    }
  }

  load(line: DatasetLine): void {
    this.#loader.load(line);
  }

  loaded(onBad?: (error: DatasetError, line: DatasetLine) => void): void {
    this.#isLoaded = true;
    completeImport(this.#org, this.#loader.finish(onBad));
  }

  state(): Iterable<DatasetLine> {
    if (!this.#isLoaded) this.loaded();
    return orgState(this.#org);
  }

  edit(edit: SandboxEdit): EditResult {
    if (!this.#isLoaded) this.loaded();
    return applyEdit(this.#org, edit);
  }

  credentials(): Readonly<Record<string, string>> {
    const { clientId, clientSecret } = this.#apps.engine;
    return { url: this.#org.baseUrl, clientId, clientSecret, webhookSecret: this.#apps.webhookSecret };
  }

  configure(switches: Readonly<Record<string, unknown>>): void {
    applySwitches(this.#org.switches, switches);
    this.#metadata.changedAt = this.#org.now();
    if (this.#org.switches.multiCurrency) fillCurrencies(this.#org);
  }
}

function unexpected(error: unknown): ApiError {
  const why = error instanceof Error ? error.message : String(error);
  return new ApiError(
    'UNKNOWN_EXCEPTION',
    `An unexpected error occurred. Please include this ErrorId if you contact support: ${why}`,
    { status: 500 },
  );
}
