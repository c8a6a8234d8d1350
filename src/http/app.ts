import express, { type ErrorRequestHandler, type Express } from 'express';
import type { Log } from '../core/ports.ts';
import { type Check, runChecks } from './checks.ts';
import { sendProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';
import { mountWebhooks, type WebhookDeps } from './webhooks.ts';

export interface WebDeps {
  readonly log: Log;
  /** What must work before traffic is sent here: database, migrations, queue… by name. */
  readonly ready: Readonly<Record<string, Check>>;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Where the CRMs tell of changes; absent, nothing is taken. */
  readonly webhooks?: WebhookDeps;
}

/** The web role's application: liveness, readiness, metrics; everything else is a problem document. */
export function createWebApp(deps: WebDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  if (deps.webhooks !== undefined) mountWebhooks(app, deps.webhooks);

  // Alive means that this process answers; what it depends on is asked by readyz.
  app.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const results = await runChecks(deps.ready);
    const checks = Object.fromEntries(results.map(({ name, ok }) => [name, ok ? 'ok' : 'failed']));
    response.set('Cache-Control', 'no-store');
    const failed = results.filter((result) => !result.ok);
    if (failed.length === 0) {
      response.json({ status: 'ready', checks });
      return;
    }
    // Reasons may name hosts: they go to the log, not to whoever asks.
    for (const { name, reason } of failed) deps.log.warn('readiness check failed', { check: name, reason });
    sendProblem(response, {
      status: 503,
      title: 'not ready',
      detail: `${failed.map(({ name }) => name).join(', ')} cannot be used`,
      checks,
    });
  });
  app.get('/metrics', async (_request, response) => {
    response.type('text/plain; version=0.0.4').send(await deps.metrics());
  });

  app.use((request, response) => {
    sendProblem(response, { status: 404, title: 'not found', detail: `nothing is at ${request.path}` });
  });
  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status >= 500)
      deps.log.error('request failed', { error, method: request.method, path: request.path });
    sendProblem(response, { status, title: status >= 500 ? 'a fault of oppsync' : 'bad request' });
  };
  app.use(onError);
  return app;
}

function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
