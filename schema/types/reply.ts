import { notFound } from '../../server/chat/input.ts';
import type { Sent } from '../../server/chat/replies.ts';
import type { ReplyEvent as Event } from '../../server/chat/reply-stream.ts';
import { builder } from '../builder.ts';
import { untilReturn } from '../until-return.ts';
import { GenerationInput } from './generation.ts';
import { Message } from './message.ts';

const CachePolicy = builder.enumType('CachePolicy', {
  description:
    'USE may answer from the cache; REFRESH generates anew and replaces the entry; BYPASS neither reads nor writes.',
  values: {
    USE: { value: 'use', description: 'May answer from the cache.' },
    REFRESH: { value: 'refresh', description: 'Generates anew and replaces the entry.' },
    BYPASS: { value: 'bypass', description: 'Neither reads nor writes the cache.' },
  } as const,
});

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'A message to a model.',
  fields: (t) => ({
    sessionId: t.id({ required: true, description: 'The conversation.' }),
    content: t.string({ required: true, description: 'The text: not blank, at most 32,000 characters.' }),
    parentId: t.id({
      description:
        'The assistant’s message that the sender saw last; a stale one makes a branch, never an overwrite. Default: the newest of the active branch.',
    }),
    context: t.field({ type: 'JSON', description: 'Retrieval context for the model: at most 256 KiB of JSON.' }),
    cache: t.field({ type: CachePolicy, defaultValue: 'use', description: 'What the answer cache may do.' }),
    generation: t.field({ type: GenerationInput, description: 'How this one answer is sampled.' }),
    idempotencyKey: t.string({
      description:
        'The same key of one user twice gives the same message, not a second one; with other content it is CONFLICT.',
    }),
  }),
});

const SendMessagePayload = builder.objectRef<Sent>('SendMessagePayload').implement({
  description: 'What was stored.',
  fields: (t) => ({
    message: t.field({ type: Message, description: 'The message of the user.', resolve: (sent) => sent.message }),
    reply: t.field({ type: Message, description: 'The answer, which runs by itself.', resolve: (sent) => sent.reply }),
  }),
});

builder.mutationFields((t) => ({
  sendMessage: t.field({
    type: SendMessagePayload,
    description:
      'Stores the message and starts its reply. Returns at once: follow the reply with replyEvents(messageId: reply.id). ' +
      'CONFLICT while a reply to the same parent is still running; another branch may run beside it.',
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'The message.' }) },
    resolve: (_root, { input }, { viewer, rules }) => rules.replies.send(viewer, input),
  }),
  editMessage: t.field({
    type: SendMessagePayload,
    description:
      'A new branch beside the edited message of a user, with its context, and a reply to it. The old branch stays. ' +
      'Throws INVALID_INPUT, NOT_FOUND, CONFLICT, MODEL_UNAVAILABLE, OVERLOADED.',
    args: {
      id: t.arg.id({ required: true, description: 'The message of the user.' }),
      content: t.arg.string({ required: true, description: 'The new text: not blank, at most 32,000 characters.' }),
    },
    resolve: (_root, { id, content }, { viewer, rules }) => rules.replies.edit(viewer, id, content),
  }),
  regenerateReply: t.field({
    type: Message,
    description:
      'Another reply beside this one, never from the cache. Throws INVALID_INPUT, NOT_FOUND, CONFLICT, MODEL_UNAVAILABLE, OVERLOADED.',
    args: { id: t.arg.id({ required: true, description: 'The answer.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.replies.regenerate(viewer, id),
  }),
  resumeReply: t.field({
    type: Message,
    description:
      'Goes on from the text that a FAILED or STOPPED reply already has: the same message, its earlier end is withdrawn. One that ' +
      'waits or runs is returned as it is; a COMPLETE one is NOTHING_TO_RESUME; a stored message that no engine of ours has begun is ' +
      'taken over. Throws NOT_FOUND, MODEL_UNAVAILABLE, OVERLOADED.',
    args: { id: t.arg.id({ required: true, description: 'The answer.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.replies.resume(viewer, id),
  }),
  stopReply: t.field({
    type: Message,
    description:
      'Ends the reply where it is, from any device; the text so far stays. One that has ended is returned as it is. Throws NOT_FOUND.',
    args: { id: t.arg.id({ required: true, description: 'The answer.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.replies.stop(viewer, id),
  }),
}));

const ReplyEvent = builder.interfaceRef<Event>('ReplyEvent').implement({
  description: 'Something in the life of one reply.',
  resolveType: (event) => typeNames[event.type],
  fields: (t) => ({
    seq: t.exposeInt('seq', { description: 'Only rises; gaps are allowed. Give the last one back as `after`.' }),
  }),
});

const typeNames = {
  queued: 'ReplyQueued',
  prefill: 'ReplyPrefill',
  text: 'ReplyText',
  finished: 'ReplyFinished',
} as const;

type Of<Type extends Event['type']> = Extract<Event, { type: Type }>;

builder.objectRef<Of<'queued'>>('ReplyQueued').implement({
  interfaces: [ReplyEvent],
  description: 'Waiting for a free place in the model.',
  fields: (t) => ({
    position: t.exposeInt('position', { description: '1 is next.' }),
    etaMs: t.exposeInt('etaMs', {
      nullable: true,
      description: 'Milliseconds until it is likely to begin, by what was measured lately; null until something was.',
    }),
  }),
});

builder.objectRef<Of<'prefill'>>('ReplyPrefill').implement({
  interfaces: [ReplyEvent],
  description: 'Reading the prompt.',
  fields: (t) => ({
    done: t.exposeInt('done', { description: 'Tokens read.' }),
    total: t.exposeInt('total', { description: 'Tokens of the prompt.' }),
    reused: t.exposeInt('reused', { description: 'Those among them that need not be read.' }),
  }),
});

builder.objectRef<Of<'text'>>('ReplyText').implement({
  interfaces: [ReplyEvent],
  description: 'New text, to be appended.',
  fields: (t) => ({
    offset: t.exposeInt('offset', {
      description:
        'The UTF-16 units of content that stand before it. Smaller than what the client holds: cut there, then append.',
    }),
    text: t.exposeString('text', { description: 'Whole characters.' }),
  }),
});

builder.objectRef<Of<'finished'>>('ReplyFinished').implement({
  interfaces: [ReplyEvent],
  description: 'The end, whatever the end was: the message holds the status, the error and the receipt.',
  fields: (t) => ({
    message: t.field({
      type: Message,
      description: 'The answer as it is stored.',
      resolve: async ({ messageId }, _args, { load }) => {
        const message = await load.message.load(messageId);
        if (message === null) throw notFound('message');
        return message;
      },
    }),
  }),
});

builder.subscriptionField('replyEvents', (t) =>
  t.field({
    type: ReplyEvent,
    description:
      'The life of one reply. `after` is the last `seq` that the client has seen (null is 0): a subscription that starts late, ' +
      'or again, first gets what came after it and then goes on live, whichever process holds the reply. ' +
      '`seq` only rises; gaps are allowed, and texts may arrive merged: compare the text, not the events. A ReplyText whose ' +
      '`offset` is smaller than the length that the client holds means: cut there, then append. Texts and the end are ' +
      'replayed; of ReplyQueued and ReplyPrefill at most the latest. Where the log is gone, the whole text comes with offset 0. ' +
      'ReplyFinished is always last, then the subscription completes; at once where `after` is at or past the end. A deleted ' +
      'session ends it with NOT_FOUND.',
    args: {
      messageId: t.arg.id({ required: true, description: 'The answer.' }),
      after: t.arg.int({ defaultValue: 0, description: 'The last `seq` seen.' }),
    },
    subscribe: async (_root, { messageId, after }, { viewer, rules }) => {
      if ((await rules.messages.find(viewer, messageId)) === null) throw notFound('message');
      return untilReturn((signal) => rules.replyStream.follow(viewer, messageId, after ?? 0, signal));
    },
    resolve: (event) => event,
  }),
);
