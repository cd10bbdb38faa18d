import { tracingChannel } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Context,
  context,
  DiagLogLevel,
  diag,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
} from '@opentelemetry/sdk-trace-node';
import { PrismaInstrumentation } from '@prisma/instrumentation';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';

export interface Tracing {
  /** Sends what is left, for at most two seconds, and registers nobody any more. */
  stop(): Promise<void>;
}

interface Options {
  /** Where a collector takes OTLP over HTTP, and what it wants to be told beside. */
  config: NonNullable<Config['tracing']>;
  logger: Logger;
}

const exportWithinMs = 5_000;
const exportEveryMs = 1_000;
/** Spans that wait for a collector; beyond, the newest are dropped. */
const mostWaiting = 4_096;
const stopWithinMs = 2_000;
const complainEveryMs = 60_000;

/** A trace begins where somebody asks for something; what the portal does by itself, all the time, begins none. */
const fromRequests: Sampler = {
  shouldSample: (_context: Context, _traceId, _name, kind) => ({
    decision: kind === SpanKind.SERVER ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  }),
  toString: () => 'fromRequests',
};

/**
 * Registers OpenTelemetry for this process: spans of the portal's own seams (server/spans.ts), of Prisma by its official instrumentation, and of
 * ioredis by its diagnostics channel; neither needs a loader. Sent as OTLP over HTTP in JSON. A collector that is away, or slow, costs
 * the spans and nothing else. Loaded only where a collector is set.
 */
export function startTracing({ config, logger }: Options): Tracing {
  complainTo(logger);
  const exporter = new OTLPTraceExporter({
    url: `${config.endpoint}/v1/traces`,
    headers: config.headers,
    timeoutMillis: exportWithinMs,
  });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.serviceName, 'process.pid': process.pid }),
    sampler: new ParentBasedSampler({ root: fromRequests }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, {
        scheduledDelayMillis: exportEveryMs,
        exportTimeoutMillis: exportWithinMs,
        maxQueueSize: mostWaiting,
      }),
    ],
  });
  // Propagates W3C Trace Context, by AsyncLocalStorage within the process.
  provider.register();
  // The statement with its placeholders is told, its parameters never.
  const prisma = new PrismaInstrumentation({ ignoreSpanTypes: [/^prisma:client:(?!operation$|db_query$)/] });
  prisma.setTracerProvider(provider);
  prisma.enable();
  const forgetRedis = traceRedis();

  return {
    async stop() {
      forgetRedis();
      prisma.disable();
      await Promise.race([provider.shutdown(), sleep(stopWithinMs, undefined, { ref: false })]).catch(() => undefined);
      trace.disable();
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

/** Those of the token log and of wake-ups: each token of an answer sends its own, and they would drown the rest. */
const ofTokens = new Set(['xadd', 'xrange', 'hset', 'hmget', 'pexpire', 'publish']);

/** A span for each command, by its name alone: keys and values may be anything. */
function traceRedis(): () => void {
  const spans = new WeakMap<object, Span>();
  const channel = tracingChannel<unknown, { command: string; error?: unknown }>('ioredis:command');
  const ended = (message: { error?: unknown }) => {
    const span = spans.get(message);
    if (message.error !== undefined) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  };
  const subscriber = {
    start(message: { command: string }) {
      const name = message.command.toLowerCase();
      if (ofTokens.has(name)) return;
      const attributes = { 'db.system.name': 'redis', 'db.operation.name': name };
      spans.set(message, trace.getTracer('ioredis').startSpan(`redis ${name}`, { kind: SpanKind.CLIENT, attributes }));
    },
    end() {},
    asyncStart() {},
    asyncEnd: ended,
    error: ended,
  };
  channel.subscribe(subscriber);
  return () => channel.unsubscribe(subscriber);
}

/** What the SDK has to say, once a minute at most: a collector that is away fails every batch. */
function complainTo(logger: Logger): void {
  let complainedAt = Number.NEGATIVE_INFINITY;
  const complain = (message: string) => {
    if (performance.now() - complainedAt < complainEveryMs) return;
    complainedAt = performance.now();
    logger.warn({ reason: message.slice(0, 300) }, 'traces cannot be sent; the portal goes on without');
  };
  const nothing = () => {};
  diag.setLogger(
    { error: complain, warn: complain, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
