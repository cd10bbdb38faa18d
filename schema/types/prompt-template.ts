import type { PromptTemplate as Template } from '../../server/chat/prompt-templates.ts';
import { builder } from '../builder.ts';

export const PromptTemplateValueInput = builder.inputType('PromptTemplateValueInput', {
  description: 'A value for a variable of a template.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The variable’s name, without braces; a built-in one is overridden, say by the reader’s own time.',
    }),
    value: t.string({ required: true, description: 'At most 4,000 characters; variables in it are text.' }),
  }),
});

const PromptTemplate = builder.objectRef<Template>('PromptTemplate').implement({
  description:
    'A text to begin with: a role for the model. It may hold variables such as `{{topic}}`; the portal itself fills in ' +
    '`{{CURRENT_DATE}}`, `{{CURRENT_TIME}}`, `{{CURRENT_DATETIME}}`, `{{CURRENT_WEEKDAY}}`, `{{CURRENT_TIMEZONE}}` and ' +
    '`{{USER_NAME}}`.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'For a built-in one the same on every machine.' }),
    name: t.exposeString('name', { description: 'What it is called.' }),
    category: t.exposeString('category', {
      description:
        'Of the built-in ones: general, programming, creative, technical, data, education, business, research, marketing, ' +
        'science, philosophy, productivity or language; one’s own may have any.',
    }),
    description: t.exposeString('description', {
      description: 'What it is for, in a sentence; empty where nobody said.',
    }),
    content: t.exposeString('content', { description: 'The text, with its variables.' }),
    builtIn: t.exposeBoolean('builtIn', { description: 'True where it comes with the portal and cannot be changed.' }),
    variables: t.stringList({
      description: 'What is to be filled in: the variables but the built-in ones, each once, in the order of the text.',
      resolve: (template, _args, { rules }) => rules.promptTemplates.variables(template),
    }),
    text: t.string({
      description:
        'The content with its built-in variables as of now, and with the given values; what has none stays as it is written.',
      args: {
        values: t.arg({ type: [PromptTemplateValueInput], description: 'At most 50.' }),
      },
      resolve: (template, { values }, { viewer, rules }) => rules.promptTemplates.text(viewer, template, values ?? []),
    }),
  }),
});

builder.queryField('promptTemplates', (t) =>
  t.field({
    type: [PromptTemplate],
    description: 'The built-in ones by category, then the viewer’s own by name.',
    args: {
      category: t.arg.string({ description: 'Only those of this category; upper and lower case are the same.' }),
    },
    resolve: (_root, { category }, { viewer, rules }) => rules.promptTemplates.list(viewer, category ?? null),
  }),
);

const PromptTemplateInput = builder.inputType('PromptTemplateInput', {
  description: 'A template of one’s own, the whole of it.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'At most 100 characters.' }),
    category: t.string({ required: true, description: 'At most 50 characters; any that is helpful.' }),
    description: t.string({ description: 'At most 500 characters.' }),
    content: t.string({ required: true, description: 'At most 4,000 characters.' }),
  }),
});

builder.mutationFields((t) => ({
  createPromptTemplate: t.field({
    type: PromptTemplate,
    description: 'Stores a template of one’s own. Throws INVALID_INPUT, and CONFLICT beyond 500 of them.',
    args: { input: t.arg({ type: PromptTemplateInput, required: true, description: 'The template.' }) },
    resolve: (_root, { input }, { viewer, rules }) => rules.promptTemplates.create(viewer, input),
  }),
  updatePromptTemplate: t.field({
    type: PromptTemplate,
    description:
      'Replaces a template of one’s own; sessions that began from it stay as they are. Throws INVALID_INPUT, NOT_FOUND, and ' +
      'FORBIDDEN for a built-in one.',
    args: {
      id: t.arg.id({ required: true, description: 'The template.' }),
      input: t.arg({ type: PromptTemplateInput, required: true, description: 'What it is from now on.' }),
    },
    resolve: (_root, { id, input }, { viewer, rules }) => rules.promptTemplates.update(viewer, id, input),
  }),
  deletePromptTemplate: t.id({
    description: 'Removes a template of one’s own. Returns its id. Throws NOT_FOUND, and FORBIDDEN for a built-in one.',
    args: { id: t.arg.id({ required: true, description: 'The template.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.promptTemplates.delete(viewer, id),
  }),
}));
