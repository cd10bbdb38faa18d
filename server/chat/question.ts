import { z } from 'zod';
import type { Prisma } from '../stores/prisma/client.ts';
import { generationInput } from './generation.ts';
import type { Wanted } from './idempotency.ts';
import { limits, requiredText } from './input.ts';
import { contextInput } from './message-context.ts';
import type { Asked } from './reply-start.ts';

/** What a message is sent with. */
export const sendInput = z.object({
  sessionId: z.string(),
  content: requiredText(limits.prompt),
  parentId: z.string().nullish(),
  context: contextInput,
  generation: generationInput.nullish(),
  /** What the answer cache may do. */
  cache: z.enum(['use', 'refresh', 'bypass']).nullish(),
  /** The model of this one answer. */
  model: requiredText(limits.title).nullish(),
  idempotencyKey: requiredText(limits.idempotencyKey).nullish(),
});

export type SendInput = z.input<typeof sendInput>;

export const editInput = sendInput.pick({ content: true });
/** The same, before there is a session. */
export const openingInput = sendInput.omit({ sessionId: true });

/** What a question says and where it goes: under the message of that id, as a root (null), or on the active branch. */
export interface Question {
  content: string;
  context: Prisma.InputJsonValue | null;
  asked: Asked;
  idempotencyKey: string | null;
  parentId: string | null | 'newest';
  /** Where the text stands in what the caller gave, for errors. */
  path: string;
}

export function questionOf(input: z.output<typeof openingInput>): Question {
  const { content, context, generation, model, cache, idempotencyKey, parentId } = input;
  return {
    content,
    context,
    asked: { generation: generation ?? {}, model: model ?? null, cache: cache ?? 'use' },
    idempotencyKey: idempotencyKey ?? null,
    parentId: parentId ?? 'newest',
    path: 'input.content',
  };
}

/** What an idempotency key stands for, to tell another use of it. */
export function wantedBy({ content, context, asked, parentId }: Question, sessionId: string | null): Wanted {
  return { sessionId, content, context, asked, parentId: parentId === 'newest' ? null : parentId };
}
