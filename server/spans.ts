import { type Attributes, context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';

/**
 * What the portal says of its own steps to whoever traces it. Until server/telemetry/tracing.ts registers somebody, every call
 * below comes to nothing. Names and ids only: no text that was said, no parameter of a statement.
 */
const tracer = trace.getTracer('pocketllm-portal');

/** Runs `work` as a step of the trace under way; one that fails says the name of its error, never the error's own words. */
export async function inSpan<Result>(
  name: string,
  attributes: Attributes,
  work: () => Promise<Result>,
): Promise<Result> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
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
