import { effectiveGeneration } from '../../server/chat/generation.ts';
import type { Session as SessionRow } from '../../server/chat/sessions.ts';
import { builder } from '../builder.ts';
import { connectionOf, pageArgs, pageComplexity } from '../connection.ts';
import { Generation, GenerationInput } from './generation.ts';
import { Message, MessageConnection } from './message.ts';
import { Model } from './model.ts';
import { PromptTemplateValueInput } from './prompt-template.ts';
import { Session } from './session-ref.ts';

Session.implement({
  description: 'A conversation.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id in the address bar too.' }),
    title: t.exposeString('title', { description: 'Taken from the first message until the user chooses one.' }),
    systemPrompt: t.exposeString('systemPrompt', {
      nullable: true,
      description: 'What the model is told first; null for the configured one.',
    }),
    modelName: t.exposeString('modelName', {
      nullable: true,
      description: 'The name that was chosen, also when that model is gone; null means the default model.',
    }),
    model: t.field({
      type: Model,
      nullable: true,
      description: 'The model that answers here; null when the chosen one is gone, or none is usable.',
      resolve: ({ modelName }, _args, { rules }) =>
        modelName === null ? rules.models.default() : rules.models.find(modelName),
    }),
    generation: t.field({
      type: Generation,
      description: 'How answers are sampled here.',
      resolve: ({ generation }, _args, { rules }) => effectiveGeneration(rules.replyDefaults, generation),
    }),
    favorite: t.exposeBoolean('favorite', { description: 'Marked by its owner.' }),
    archived: t.boolean({ description: 'Put away by its owner.', resolve: ({ archivedAt }) => archivedAt !== null }),
    messageCount: t.exposeInt('messageCount', { description: 'Messages of all branches.' }),
    createdAt: t.field({ type: 'DateTime', description: 'When it was made.', resolve: (session) => session.createdAt }),
    updatedAt: t.field({
      type: 'DateTime',
      description:
        'Moved by messages, and by changes of title, system prompt and model; not by favourites, ratings and pins.',
      resolve: (session) => session.updatedAt,
    }),
    messages: t.field({
      type: MessageConnection,
      complexity: pageComplexity,
      description: 'The messages of the active branch, oldest first.',
      args: {
        first: t.arg.int(pageArgs.first),
        after: t.arg.string(pageArgs.after),
        last: t.arg.int(pageArgs.last),
        before: t.arg.string(pageArgs.before),
        around: t.arg.id({ description: 'The page that has this message of the active branch in its middle.' }),
      },
      resolve: async ({ id }, { around, ...args }, { viewer, rules: { messages } }) => ({
        ...(await messages.page(viewer, id, args, around)),
        totalCount: () => messages.countActive(viewer, id),
      }),
    }),
    pinnedMessages: t.field({
      type: [Message],
      description: 'Pinned messages of all branches, in the order of the conversation; the newest 100.',
      resolve: ({ id }, _args, { viewer, rules }) => rules.messages.pinned(viewer, id),
    }),
  }),
});

const SessionConnection = connectionOf<SessionRow>('Session', Session);

const SessionFilter = builder.inputType('SessionFilter', {
  description: 'Which conversations to list; left out: all.',
  fields: (t) => ({
    search: t.string({ description: 'Words of titles and messages.' }),
    favorite: t.boolean({ description: 'Only those that are marked, or only the others.' }),
    archived: t.boolean({ description: 'Only those put away, or only the others.' }),
  }),
});

builder.queryFields((t) => ({
  session: t.field({
    type: Session,
    nullable: true,
    description: 'One of the viewer’s conversations; null for an id that is unknown, malformed or another’s.',
    args: { id: t.arg.id({ required: true, description: 'The conversation.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.sessions.find(viewer, id),
  }),
  sessions: t.field({
    type: SessionConnection,
    complexity: pageComplexity,
    description: 'Newest activity first; `search` looks into titles and messages.',
    args: {
      first: t.arg.int(pageArgs.first),
      after: t.arg.string(pageArgs.after),
      last: t.arg.int(pageArgs.last),
      before: t.arg.string(pageArgs.before),
      filter: t.arg({ type: SessionFilter, description: 'Which ones.' }),
    },
    resolve: async (_root, { filter, ...args }, { viewer, rules: { sessions } }) => ({
      ...(await sessions.page(viewer, args, filter ?? {})),
      totalCount: () => sessions.count(viewer, filter ?? {}),
    }),
  }),
}));

const CreateSessionInput = builder.inputType('CreateSessionInput', {
  description: 'A new conversation; everything may be left out.',
  fields: (t) => ({
    title: t.string({ description: 'At most 255 characters; without one the first message gives it.' }),
    systemPrompt: t.string({ description: 'At most 4,000 characters.' }),
    templateId: t.id({
      description:
        'A prompt template, which gives the system prompt in place of `systemPrompt`: its built-in variables are filled in as ' +
        'of now and stay so, others by `templateValues`; what has no value stays as it is written.',
    }),
    templateValues: t.field({ type: [PromptTemplateValueInput], description: 'Values of the template’s variables.' }),
    model: t.string({ description: 'Name of a model in the catalogue.' }),
    generation: t.field({ type: GenerationInput, description: 'How answers are sampled here.' }),
  }),
});

const UpdateSessionInput = builder.inputType('UpdateSessionInput', {
  description:
    'What is given changes; null sets the system prompt, the model or the sampling back to the configured one.',
  fields: (t) => ({
    title: t.string({ description: 'At most 255 characters.' }),
    systemPrompt: t.string({ description: 'At most 4,000 characters.' }),
    model: t.string({ description: 'Name of a model in the catalogue.' }),
    generation: t.field({ type: GenerationInput, description: 'How answers are sampled here from now on.' }),
    favorite: t.boolean({ description: 'Marks it, or not.' }),
    archived: t.boolean({ description: 'Puts it away, or back.' }),
  }),
});

builder.mutationFields((t) => ({
  createSession: t.field({
    type: Session,
    description: 'Begins a conversation. Throws INVALID_INPUT, and NOT_FOUND for the template.',
    args: { input: t.arg({ type: CreateSessionInput, description: 'Everything may be left out.' }) },
    resolve: (_root, { input }, { viewer, rules }) => rules.sessions.create(viewer, input ?? {}),
  }),
  updateSession: t.field({
    type: Session,
    description: 'Changes what is given. Throws INVALID_INPUT, NOT_FOUND.',
    args: {
      id: t.arg.id({ required: true, description: 'The conversation.' }),
      input: t.arg({ type: UpdateSessionInput, required: true, description: 'What changes.' }),
    },
    resolve: (_root, { id, input }, { viewer, rules }) => rules.sessions.update(viewer, id, input),
  }),
  selectBranch: t.field({
    type: Session,
    description:
      'Makes this message’s branch the active one, down to the leaf beneath it that was active last. Throws NOT_FOUND.',
    args: { messageId: t.arg.id({ required: true, description: 'A message of the branch.' }) },
    resolve: (_root, { messageId }, { viewer, rules }) => rules.branches.select(viewer, messageId),
  }),
  deleteSession: t.id({
    description: 'Removes it with all its messages; a running reply is stopped. Returns its id. Throws NOT_FOUND.',
    args: { id: t.arg.id({ required: true, description: 'The conversation.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.sessions.delete(viewer, id),
  }),
}));
