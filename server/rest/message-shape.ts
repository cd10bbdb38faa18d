import { z } from 'zod';
import { receiptOf } from '../chat/export-json.ts';
import type { Message } from '../chat/messages.ts';
import type { Caller } from '../http/graphql.ts';
import { count, id, time } from './words.ts';

export const messageStatus = z.enum(['pending', 'in_progress', 'complete', 'stopped', 'failed']);

export const receiptShape = z
  .object({
    model_name: z.string(),
    first_included_message_id: z.string().nullable(),
    included_count: count(),
    dropped_count: count(),
    prompt_tokens: count(),
    reused_tokens: count(),
    completion_tokens: count(),
    time_to_first_token_ms: z.number().nullable(),
    tokens_per_second: z.number().nullable(),
    finish_reason: z.enum(['stop', 'length', 'cancelled', 'error']).nullable(),
  })
  .meta({ id: 'Receipt', description: 'What the model saw of the conversation and what the answer cost.' });

export const messageShape = z
  .object({
    message_id: id(),
    session_id: id(),
    parent_id: id().nullable(),
    role: z.enum(['user', 'assistant']),
    content: z.string().meta({ description: 'The whole text; while it is being written, the text so far.' }),
    status: messageStatus,
    partial_content: z.string().nullable().meta({ description: 'The same text until the message is complete.' }),
    error_message: z.string().nullable(),
    rating: z.enum(['up', 'down']).nullable(),
    pinned: z.boolean(),
    cached: z.boolean(),
    context: z.unknown().meta({ description: 'Retrieval context, as its sender gave it.' }),
    receipt: receiptShape.nullable(),
    created_at: time(),
  })
  .meta({ id: 'Message', description: 'Something said in a conversation.' });

export type MessageShape = z.infer<typeof messageShape>;

/** Messages as REST tells them, with their texts so far and receipts, in two statements at most. */
export async function shapeMessages({ rules }: Caller, messages: readonly Message[]): Promise<MessageShape[]> {
  const unended = messages.filter(({ status }) => status === 'pending' || status === 'in_progress');
  const answers = messages.filter(({ role }) => role === 'assistant');
  const [texts, receipts] = await Promise.all([
    byId(unended, (ids) => rules.messages.drafts(ids)),
    byId(answers, (ids) => rules.messages.receipts(ids)),
  ]);
  return messages.map((message) => {
    const content = texts.get(message.id) ?? message.content;
    return {
      message_id: message.id,
      session_id: message.sessionId,
      parent_id: message.parentId,
      role: message.role as MessageShape['role'],
      content,
      status: message.status as MessageShape['status'],
      partial_content: message.status === 'complete' ? null : content,
      error_message: message.errorMessage,
      rating: message.rating as MessageShape['rating'],
      pinned: message.pinned,
      cached: message.cached,
      context: message.context,
      receipt: receiptOf(receipts.get(message.id) ?? null),
      created_at: message.createdAt.toISOString(),
    };
  });
}

/** One message as REST tells it. */
export async function shapeMessage(caller: Caller, message: Message): Promise<MessageShape> {
  const [shaped] = await shapeMessages(caller, [message]);
  if (shaped === undefined) throw new Error('one message in, none out');
  return shaped;
}

async function byId<Value>(
  messages: readonly Message[],
  read: (ids: readonly string[]) => Promise<(Value | null)[]>,
): Promise<Map<string, Value>> {
  if (messages.length === 0) return new Map();
  const values = await read(messages.map(({ id }) => id));
  return new Map(messages.flatMap(({ id }, index) => (values[index] == null ? [] : [[id, values[index]]])));
}
