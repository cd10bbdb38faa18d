import type { ExecutionResult } from '@urql/core';
import type { Carrier, CarrierSink } from './carrier.ts';
import { readEventStream } from './event-stream.ts';

/** The server sends a comment every 12 s at least: past this, the connection is dead. */
const silenceMs = 30_000;

/** Subscriptions as GraphQL over SSE ("distinct connections"): one POST each, which every proxy understands. */
export function createEventsCarrier(url: string): Carrier {
  return (request, sink) => {
    const controller = new AbortController();
    void follow(url, request, sink, controller.signal);
    return () => controller.abort();
  };
}

async function follow(
  url: string,
  request: Parameters<Carrier>[0],
  sink: CarrierSink,
  signal: AbortSignal,
): Promise<void> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream, application/json;q=0.5' },
      body: JSON.stringify(request),
      signal,
    });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (!isStream || response.body === null) {
      const { errors } = (await response.json()) as ExecutionResult;
      if (errors && response.status < 500) sink.refused(errors);
      else sink.lost();
      return;
    }
    sink.opened();
    for await (const { event, data } of readEventStream(response.body.pipeThrough(failWhenSilent()))) {
      if (signal.aborted) return;
      if (event === 'complete') return sink.complete();
      if (event === 'next') sink.next(JSON.parse(data) as ExecutionResult);
    }
    sink.lost();
  } catch {
    if (!signal.aborted) sink.lost();
  }
}

function failWhenSilent(): TransformStream<Uint8Array, Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = (controller: TransformStreamDefaultController<Uint8Array>) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.error(new Error('the stream fell silent')), silenceMs);
  };
  return new TransformStream({
    start: watch,
    transform(chunk, controller) {
      watch(controller);
      controller.enqueue(chunk);
    },
    flush: () => clearTimeout(timer),
  });
}
