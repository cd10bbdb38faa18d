import { SpanStatusCode, trace } from '@opentelemetry/api';
import { inSpan } from '../spans.ts';
import { type Engine, EngineError, type EngineEvent, type GenerateRequest } from './engine.ts';

/** The same engine, each of its works a step of the trace under way: models, counts and times, never a text or a token. */
export function traceEngine(engine: Engine): Engine {
  async function* generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<EngineEvent, void> {
    const attributes = { ...named(request.model), 'gen_ai.request.max_tokens': request.maxTokens };
    const span = trace.getTracer('pocketllm-portal').startSpan('engine.generate', { attributes });
    let begun = false;
    try {
      for await (const event of engine.generate(request, signal)) {
        if (event.type === 'text' && !begun) {
          begun = true;
          span.addEvent('first token');
        }
        if (event.type === 'end') {
          span.setAttributes({
            'gen_ai.usage.input_tokens': event.usage.promptTokens,
            'gen_ai.usage.output_tokens': event.usage.completionTokens,
            'portal.reused_tokens': event.usage.reusedTokens,
            'gen_ai.response.finish_reasons': [event.finishReason],
          });
        }
        yield event;
      }
    } catch (error) {
      const message = error instanceof EngineError ? error.code : 'failed';
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    start: () => engine.start(),
    stop: () => engine.stop(),
    status: () => engine.status(),
    forget: (conversation) => engine.forget(conversation),
    unload: (signal) => inSpan('engine.unload', {}, () => engine.unload(signal)),
    load: (model, signal) => inSpan('engine.load', named(model), () => engine.load(model, signal)),
    countPromptTokens: (model, messages, signal) =>
      inSpan('engine.countPromptTokens', named(model), () => engine.countPromptTokens(model, messages, signal)),
    tokenize: (model, text, signal) =>
      inSpan('engine.tokenize', named(model), () => engine.tokenize(model, text, signal)),
    embed: (model, texts, signal) =>
      inSpan('engine.embed', { ...named(model), 'portal.texts': texts.length }, () =>
        engine.embed(model, texts, signal),
      ),
    generate,
  };
}

function named({ name }: { name: string }) {
  return { 'gen_ai.request.model': name };
}
