/** Traces through OpenTelemetry, sent by OTLP over HTTP. Loaded only when an endpoint is configured. */
import { createHash, randomBytes } from 'node:crypto';
import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import type { SpanFacts, SpanPlace, Tracing } from '../core/tracing-port.ts';
import { redactText } from './redact.ts';

export interface TracingOptions {
  /** Base address of a collector; `/v1/traces` is added. */
  readonly endpoint: string;
  /** In place of the collector, for tests. */
  readonly exporter?: SpanExporter;
}

/** Trying again included: a collector that is away must not be tried for long after the end. */
const SEND_WITHIN_MS = 2_500;
const FLUSH_WITHIN_MS = 3_000;

/**
 * Starts tracing for the whole process: spans of our own, and one for each call to a CRM. Nothing is sent to the CRMs for
 * it, and of a call's address only the host and the route are kept: paths and queries hold record ids.
 */
export function startTracing(options: TracingOptions): Tracing {
  const exporter =
    options.exporter ??
    new OTLPTraceExporter({ url: tracesUrl(options.endpoint), timeoutMillis: SEND_WITHIN_MS });
  const ids = placedIds();
  const provider = new TracerProvider({
    idGenerator: ids,
    resource: resourceFromAttributes({ 'service.name': 'oppsync' }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const contexts = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  trace.setGlobalTracerProvider(provider);
  const calls = new UndiciInstrumentation({
    // A call outside of a span is the collector's, or nobody's.
    requireParentforSpans: true,
    startSpanHook: ({ path, origin }) => {
      const route = routeOf(path);
      return { 'url.full': `${origin}${route}`, 'url.path': route, 'url.query': '' };
    },
  });
  calls.setTracerProvider(provider);
  const tracer = trace.getTracer('oppsync');
  return {
    on: true,
    span: (name, facts, work, place) => {
      const around = place === undefined ? context.active() : contextOf(place);
      const span = ids.placed(place, () => tracer.startSpan(name, { attributes: prefixed(facts) }, around));
      return context.with(trace.setSpan(around, span), () => inside(span, work));
    },
    record: (name, facts, place, { from, to, failed }) => {
      const options = { attributes: prefixed(facts), startTime: new Date(from) };
      const span = ids.placed(place, () => tracer.startSpan(name, options, contextOf(place)));
      if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: redactText(failed) });
      span.end(new Date(to));
    },
    close: async () => {
      calls.disable();
      // A collector that is away must not hold up the end.
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise<void>((resolve) => {
          setTimeout(resolve, FLUSH_WITHIN_MS).unref();
        }),
      ]);
      trace.disable();
      context.disable();
    },
  };
}

/** Ids that follow from names, so that any process can name the span another one makes. */
const traceIdOf = (cause: string): string => digest(`trace ${cause}`).slice(0, 32);
const spanIdOf = (name: string): string => digest(`span ${name}`).slice(0, 16);
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function contextOf({ cause, inside }: SpanPlace): Context {
  if (inside === null) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    ...{ traceId: traceIdOf(cause), spanId: spanIdOf(inside) },
    ...{ traceFlags: TraceFlags.SAMPLED, isRemote: true },
  });
}

/** Random ids, but for a span that has a place: a span asks for its ids while it is started. */
function placedIds() {
  let place: SpanPlace | undefined;
  return {
    generateTraceId: (): string =>
      place === undefined ? randomBytes(16).toString('hex') : traceIdOf(place.cause),
    generateSpanId: (): string =>
      place?.name === undefined ? randomBytes(8).toString('hex') : spanIdOf(place.name),
    placed<T>(where: SpanPlace | undefined, start: () => T): T {
      place = where;
      try {
        return start();
      } finally {
        place = undefined;
      }
    },
  };
}

async function inside<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const message = redactText(error instanceof Error ? error.message : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw error;
  } finally {
    span.end();
  }
}

function prefixed(facts: SpanFacts): SpanFacts {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [`oppsync.${key}`, value]));
}

/** The path without its query, and with every part that may be an id in place of it. */
function routeOf(path: string): string {
  const [bare = ''] = path.split('?');
  return bare
    .split('/')
    .map((part) => (/^[a-z][a-z_-]*$|^v\d{1,3}(\.\d)?$/i.test(part) || part === '' ? part : '{}'))
    .join('/');
}

function tracesUrl(endpoint: string): string {
  return endpoint.replace(/\/+$/, '').replace(/(\/v1\/traces)?$/, '/v1/traces');
}
