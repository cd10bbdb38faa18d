import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { v4 as uuid } from 'uuid';
import type { CompletionInput } from '../../chat/completions.ts';
import { PortalError } from '../../errors.ts';
import { toOpenAiError, toPortalError } from '../../http/errors.ts';
import type { Caller } from '../../http/graphql.ts';
import { currentRequestId } from '../../request-scope.ts';
import { beginEventStream, heartbeat, heartbeatMs } from '../event-stream.ts';
import { type Identity, toChunk, toCompletion, toUsage, toUsageChunk, type Usage } from './answer.ts';

/** Hears of an answer while it is written. */
export interface Listener {
  /** Once the model has begun with it: from here on an error is part of the answer. */
  onBegun(model: string): void;
  onText(text: string): void;
}

export interface Answer {
  model: string;
  text: string;
  finishReason: 'stop' | 'length';
  usage: Usage;
}

/** Asks for one answer and resolves with the whole of it. The signal aborts when nobody listens any more. */
export type Asking = (listener: Listener, signal: AbortSignal) => Promise<Answer>;

/** Asks the model itself: no session, nothing stored; who leaves stops it. */
export function askModel({ viewer, rules }: Caller, input: CompletionInput): Asking {
  return async (listener, signal) => {
    const { finishReason, usage, ...answer } = await rules.completions.complete(viewer, input, listener, signal);
    if (finishReason === 'cancelled') throw portalStops();
    return { ...answer, finishReason, usage: toUsage(usage) };
  };
}

/** To who still listens: the portal was stopped meanwhile. */
export function portalStops(): PortalError {
  return new PortalError('dependency_unavailable', 'The portal is stopping; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}

export async function answerAtOnce(ask: Asking, signal: AbortSignal) {
  const identity = identify();
  const { model, text, finishReason, usage } = await ask({ onBegun: () => {}, onText: () => {} }, signal);
  return toCompletion({ ...identity, model }, text, finishReason, usage);
}

/** Answers with events as OpenAI's clients read them, once the model has begun: what fails before has its own status. */
export async function answerInPieces(
  reply: FastifyReply,
  ask: Asking,
  signal: AbortSignal,
  withUsage: boolean,
): Promise<FastifyReply> {
  const pieces = new Readable({ read() {} });
  const identity: Identity = { ...identify(), model: '' };
  const push = (piece: unknown) => pieces.push(`data: ${JSON.stringify(piece)}\n\n`);
  const listener: Listener = {
    onBegun: () => {},
    onText: (content) => push(toChunk(identity, { content }, null, withUsage)),
  };
  const begun = new Promise<void>((resolve) => {
    listener.onBegun = (model) => {
      identity.model = model;
      push(toChunk(identity, { role: 'assistant', content: '' }, null, withUsage));
      resolve();
    };
  });
  const asked = ask(listener, signal);
  await Promise.race([begun, asked]);

  const beat = setInterval(() => pieces.push(heartbeat), heartbeatMs);
  asked
    .then(({ finishReason, usage }) => {
      push(toChunk(identity, {}, finishReason, withUsage));
      if (withUsage) push(toUsageChunk(identity, usage));
      pieces.push('data: [DONE]\n\n');
    })
    .catch((error: unknown) => push(toOpenAiError(toPortalError(error, currentRequestId())).body))
    .finally(() => {
      clearInterval(beat);
      pieces.push(null);
    });
  beginEventStream(reply);
  return reply.send(pieces);
}

function identify(): Pick<Identity, 'id' | 'created'> {
  return { id: `chatcmpl-${uuid()}`, created: Math.floor(Date.now() / 1000) };
}
