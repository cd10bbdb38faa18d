import type { CompletionInput } from '../../chat/completions.ts';
import { notFound } from '../../chat/input.ts';
import { PortalError } from '../../errors.ts';
import type { Caller } from '../../http/graphql.ts';
import { namedBy } from '../input.ts';
import { readEnd } from '../reply-events.ts';
import { toUsage } from './answer.ts';
import { type Asking, portalStops } from './completion.ts';
import { toSessionQuestion } from './request.ts';

/**
 * Asks within a session: the last message is sent there, the session's own messages are what the model sees before it. Like any
 * other reply it goes on when nobody listens.
 */
export function askSession(sessionId: string): (from: Caller, input: CompletionInput) => Asking {
  return (from, input) => async (listener, signal) => {
    const { viewer, rules } = from;
    const { content, systemPrompt } = toSessionQuestion(input);
    const session = await rules.sessions.find(viewer, sessionId);
    if (session === null) throw notFound('session');
    const { name: model } = await rules.models.usable(input.model ?? session.modelName);
    const { reply } = await namedBy(
      'X-Session-Id',
      rules.conversations.send(viewer, {
        sessionId: session.id,
        systemPrompt: systemPrompt === session.systemPrompt ? null : systemPrompt,
        content,
        model: input.model,
        generation: input.generation,
      }),
    );
    listener.onBegun(model);
    let text = '';
    for await (const event of rules.replyStream.follow(viewer, reply.id, 0, signal)) {
      if (event.type !== 'text') continue;
      const whole = text.slice(0, event.offset) + event.text;
      if (!whole.startsWith(text)) throw rewritten(reply.id);
      if (whole.length > text.length) listener.onText(whole.slice(text.length));
      text = whole;
    }
    if (signal.aborted) throw portalStops();
    const { message, failure } = await readEnd(from, reply.id);
    if (failure !== null) throw failure;
    const { prompt_tokens = 0, reused_tokens = 0, completion_tokens = 0, finish_reason } = message.receipt ?? {};
    return {
      model,
      text: message.content,
      finishReason: finish_reason === 'length' ? 'length' : 'stop',
      usage: toUsage({
        promptTokens: prompt_tokens,
        reusedTokens: reused_tokens,
        completionTokens: completion_tokens,
      }),
    };
  };
}

/** This protocol cannot take back what it said. */
function rewritten(messageId: string): PortalError {
  return new PortalError('internal', `The model crashed and wrote its last words anew; read message ${messageId}.`);
}
