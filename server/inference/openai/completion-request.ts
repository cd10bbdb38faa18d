import type { GenerateRequest } from '../engine.ts';
import type { Dialect } from './dialect.ts';

/** The body of `POST /chat/completions`; an answer that was begun is its last message. */
export function toCompletionRequest(request: GenerateRequest, dialect: Pick<Dialect, 'sampling' | 'continuing'>) {
  const { model, messages, sampling, maxTokens, stopTexts = [], continueText = '' } = request;
  const told = messages.map(({ role, content }) => ({ role, content }));
  return {
    model: model.path,
    messages: continueText === '' ? told : [...told, { role: 'assistant', content: continueText }],
    ...dialect.sampling(sampling),
    max_tokens: maxTokens,
    ...(stopTexts.length > 0 && { stop: stopTexts }),
    stream: true,
    stream_options: { include_usage: true },
    ...(continueText !== '' && dialect.continuing),
  };
}
