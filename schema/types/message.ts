import { notFound } from '../../server/chat/input.ts';
import type { Message as MessageRow } from '../../server/chat/messages.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../connection.ts';
import { Receipt } from './receipt.ts';
import { Session } from './session-ref.ts';

export const MessageRole = builder.enumType('MessageRole', {
  description: 'Who speaks.',
  values: {
    USER: { value: 'user', description: 'A person.' },
    ASSISTANT: { value: 'assistant', description: 'A model.' },
  } as const,
});

const Rating = builder.enumType('Rating', {
  description: 'What a reader thinks of an answer.',
  values: {
    UP: { value: 'up', description: 'Good.' },
    DOWN: { value: 'down', description: 'Bad.' },
  } as const,
});

const MessageStatus = builder.enumType('MessageStatus', {
  description:
    'Where a message stands. A user’s message is COMPLETE once stored, unless a client that brings its own model says ' +
    'otherwise. Stopped by its reader is STOPPED (finish CANCELLED); cut by maxTokens is COMPLETE (finish LENGTH).',
  values: {
    PENDING: { value: 'pending', description: 'Stored; the model has not begun.' },
    IN_PROGRESS: { value: 'in_progress', description: 'Being written.' },
    COMPLETE: { value: 'complete', description: 'Whole.' },
    STOPPED: { value: 'stopped', description: 'Ended by its reader; the text so far stays.' },
    FAILED: { value: 'failed', description: 'Ended by an error; the text so far stays.' },
  } as const,
});

const CacheHit = builder.objectRef<MessageRow>('CacheHit').implement({
  description: 'Where a cached answer came from.',
  fields: (t) => ({
    sourceMessageId: t.id({
      description: 'The message that gave it; it may be gone by now.',
      resolve: ({ cacheSourceId }) => cacheSourceId ?? '',
    }),
    similarity: t.float({
      description: 'How alike the two questions are: 1 where they are the same.',
      resolve: ({ cacheSimilarity }) => cacheSimilarity ?? 1,
    }),
    ageSeconds: t.int({
      description: 'How old the answer was when it was given again.',
      resolve: ({ cacheAgeSeconds }) => cacheAgeSeconds ?? 0,
    }),
  }),
});

export const Message = builder.objectRef<MessageRow>('Message');

Message.implement({
  description: 'Something said in a conversation.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Stays the same for ever.' }),
    session: t.field({
      type: Session,
      description: 'The conversation that it belongs to.',
      resolve: async ({ sessionId }, _args, { load }) => found(await load.session.load(sessionId)),
    }),
    parent: t.field({
      type: Message,
      nullable: true,
      description: 'What it answers or follows; null on the first one.',
      resolve: ({ parentId }, _args, { load }) => (parentId === null ? null : load.message.load(parentId)),
    }),
    siblings: t.field({
      type: [Message],
      description: 'Every alternative at this point of the conversation, oldest first, this one included.',
      resolve: (message, _args, { load }) => load.siblings.load(message),
    }),
    role: t.field({
      type: MessageRole,
      description: 'Who speaks.',
      resolve: (message) => message.role as 'user' | 'assistant',
    }),
    content: t.string({
      description: 'The whole text; while the status is IN_PROGRESS, the text so far.',
      resolve: async ({ id, status, content }, _args, { load }) => {
        if (status !== 'in_progress' && status !== 'pending') return content;
        // Without a draft it has ended since its row was read.
        return (await load.draft.load(id)) ?? (await load.message.load(id))?.content ?? content;
      },
    }),
    status: t.field({
      type: MessageStatus,
      description: 'Where it stands.',
      resolve: (message) => message.status as 'pending' | 'in_progress' | 'complete' | 'stopped' | 'failed',
    }),
    errorMessage: t.exposeString('errorMessage', { nullable: true, description: 'Why it failed, for people.' }),
    rating: t.field({
      type: Rating,
      nullable: true,
      description: 'What its reader thinks of it.',
      resolve: (message) => message.rating as 'up' | 'down' | null,
    }),
    pinned: t.exposeBoolean('pinned', { description: 'Kept at hand by its reader.' }),
    cached: t.exposeBoolean('cached', { description: 'True when the answer came from the cache.' }),
    cacheHit: t.field({
      type: CacheHit,
      nullable: true,
      description: 'Where a cached answer came from; null on every other message.',
      resolve: (message) => (message.cacheSourceId === null ? null : message),
    }),
    context: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Retrieval context stored with the message, as the client sent it.',
      resolve: (message) => message.context,
    }),
    receipt: t.field({
      type: Receipt,
      nullable: true,
      description: 'How the answer was made; null on a user’s message and until the model has begun.',
      resolve: async ({ id, role }, _args, { load }) => {
        const reply = role === 'assistant' ? await load.receipt.load(id) : null;
        return reply?.modelName && reply.promptTokens !== null ? reply : null;
      },
    }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was stored.',
      resolve: (message) => message.createdAt,
    }),
  }),
});

export const MessageConnection = connectionOf<MessageRow>('Message', Message);

builder.queryField('message', (t) =>
  t.field({
    type: Message,
    nullable: true,
    description: 'One of the viewer’s messages; null for an id that is unknown, malformed or another’s.',
    args: { id: t.arg.id({ required: true, description: 'The message.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.messages.find(viewer, id),
  }),
);

builder.mutationFields((t) => ({
  rateMessage: t.field({
    type: Message,
    description:
      'null or nothing clears the rating; only an assistant’s message can be rated. Throws NOT_FOUND, NOT_RATEABLE.',
    args: {
      id: t.arg.id({ required: true, description: 'The answer.' }),
      rating: t.arg({ type: Rating, description: 'Up, down or nothing.' }),
    },
    resolve: (_root, { id, rating }, { viewer, rules }) => rules.messages.rate(viewer, id, rating ?? null),
  }),
  pinMessage: t.field({
    type: Message,
    description: 'Sets the pin; toggles it when `pinned` is null or left out. Throws NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'The message.' }),
      pinned: t.arg.boolean({ description: 'Pinned or not; left out: the other way round.' }),
    },
    resolve: (_root, { id, pinned }, { viewer, rules }) => rules.messages.pin(viewer, id, pinned ?? null),
  }),
}));

/** A row that a foreign key promises: it is gone only when its owner deletes it at this very moment. */
function found<Row>(row: Row | null): Row {
  if (row === null) throw notFound('session');
  return row;
}
