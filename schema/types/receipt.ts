import type { Reply } from '../../server/stores/prisma/client.ts';
import { builder } from '../builder.ts';

const FinishReason = builder.enumType('FinishReason', {
  description: 'Why an answer ended.',
  values: {
    STOP: { value: 'stop', description: 'The model was done.' },
    LENGTH: { value: 'length', description: 'Cut by `maxTokens` or by the end of the context.' },
    CANCELLED: { value: 'cancelled', description: 'Stopped by its reader.' },
    ERROR: { value: 'error', description: 'Ended by an error.' },
  } as const,
});

export const Receipt = builder.objectRef<Reply>('Receipt').implement({
  description:
    'What the model saw and what it cost: the reader never has to guess what was forgotten. Null on a cached answer.',
  fields: (t) => ({
    modelName: t.string({ description: 'The model that answered.', resolve: (reply) => reply.modelName ?? '' }),
    firstIncludedMessageId: t.exposeID('firstIncludedMessageId', {
      nullable: true,
      description: 'The oldest message that the model still saw; those before it on the branch were dropped.',
    }),
    includedCount: t.int({ description: 'Messages that the model saw.', resolve: (reply) => reply.includedCount ?? 0 }),
    droppedCount: t.int({
      description: 'Older messages that did not fit.',
      resolve: (reply) => reply.droppedCount ?? 0,
    }),
    promptTokens: t.int({ description: 'Tokens of the whole prompt.', resolve: (reply) => reply.promptTokens ?? 0 }),
    reusedTokens: t.int({
      description: 'Prompt tokens that were already in the model’s memory and were not computed again.',
      resolve: (reply) => reply.reusedTokens ?? 0,
    }),
    completionTokens: t.int({ description: 'Tokens of the answer.', resolve: (reply) => reply.completionTokens ?? 0 }),
    timeToFirstTokenMs: t.exposeFloat('timeToFirstTokenMs', {
      nullable: true,
      description: 'From the beginning of the prompt’s reading to the first token.',
    }),
    tokensPerSecond: t.exposeFloat('tokensPerSecond', { nullable: true, description: 'Speed of writing.' }),
    finishReason: t.field({
      type: FinishReason,
      nullable: true,
      description: 'Why it ended; null while it runs.',
      resolve: (reply) => reply.finishReason as 'stop' | 'length' | 'cancelled' | 'error' | null,
    }),
  }),
});
