import { type Attributes, context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';

/** Whether a trace is under way here. Until server/telemetry/tracing.ts registers somebody, none ever is, and nothing below costs anything. */
export function isTraced(): boolean {
  return trace.getActiveSpan() !== undefined;
}

/**
 * Runs `work` as a step of the trace under way, if one is. Names and ids only: no text that was said. One that fails says the
 * name of its error, never the error's own words.
 */
export async function inSpan<Result>(
  name: string,
  attributes: Attributes,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!isTraced()) return work();
  return trace.getTracer('pocketllm-portal').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Where in a trace the code runs, as a W3C `traceparent` that another process can go on from; null where nobody traces. */
export function currentTraceParent(): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent ?? null;
}

/** Runs `work` as if it were called where the `traceparent` was made. */
export function underTraceParent<Result>(traceparent: string | null | undefined, work: () => Result): Result {
  if (!traceparent) return work();
  return context.with(propagation.extract(context.active(), { traceparent }), work);
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
