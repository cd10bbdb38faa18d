import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import { spokenTo } from './request-log.ts';

/**
 * Each request is a trace, or goes on with the one that its client began (`traceparent`, W3C Trace Context). Its address is told as the
 * route's pattern alone: what stands in it, and behind it, may be anything.
 */
export function traceRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { method } = request;
    const route = request.routeOptions.url ?? 'none';
    if (!spokenTo.test(route)) return done();
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const attributes = { 'http.request.method': method, 'http.route': route, 'portal.request_id': request.id };
    const span = tracer().startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
    reply.raw.once('close', () => {
      span.setAttribute('http.response.status_code', reply.statusCode);
      if (reply.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    context.with(trace.setSpan(parent, span), done);
  });
}

export interface OperationTrace {
  run<Result>(work: () => Result): Result;
  end(): void;
}

/** An operation of a socket is a trace of its own, or goes on with the one that its client names as `traceparent` in its `extensions`. */
export function traceOperation(requestId: string, extensions: unknown): OperationTrace {
  const parent = propagation.extract(ROOT_CONTEXT, extensions ?? {});
  const attributes = { 'portal.request_id': requestId };
  const span = tracer().startSpan('WS /graphql', { kind: SpanKind.SERVER, attributes }, parent);
  return { run: (work) => context.with(trace.setSpan(parent, span), work), end: () => span.end() };
}

function tracer() {
  return trace.getTracer('pocketllm-portal');
}
