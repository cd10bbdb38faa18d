import { z } from 'zod';
import { optionalText, requiredText } from '../chat/input.ts';
import { type PromptTemplate, templateLimits } from '../chat/prompt-templates.ts';
import type { Api, RestParts } from './api.ts';
import { idParams } from './input.ts';
import { problems } from './problems.ts';
import { id } from './words.ts';

const tags = ['prompts'];

const templateShape = z
  .object({
    id: id().meta({ description: 'For a built-in one the same on every machine.' }),
    name: z.string(),
    category: z.string(),
    description: z.string(),
    content: z.string().meta({
      description:
        'It may hold variables such as {{topic}}. A session that begins from it has {{CURRENT_DATE}}, {{CURRENT_TIME}}, ' +
        '{{CURRENT_DATETIME}}, {{CURRENT_WEEKDAY}}, {{CURRENT_TIMEZONE}} and {{USER_NAME}} filled in.',
    }),
    built_in: z.boolean().meta({ description: 'True where it comes with the portal and cannot be changed.' }),
  })
  .meta({ id: 'PromptTemplate', description: 'A text to begin a session with: `template_id` of POST /sessions.' });

const template = z.object({
  name: requiredText(templateLimits.name),
  category: requiredText(templateLimits.category),
  description: optionalText(templateLimits.description).nullish(),
  content: requiredText(templateLimits.content),
});

/** Prompt templates: those that come with the portal, and one's own. */
export function registerPrompts(api: Api, { caller }: RestParts): void {
  api.get(
    '/prompts/templates',
    {
      schema: {
        tags,
        operationId: 'listTemplates',
        summary: 'Lists the built-in templates by category, then one’s own by name',
        querystring: z.object({
          category: z.string().optional().meta({ description: 'Only these; upper and lower case are the same.' }),
        }),
        response: { 200: z.array(templateShape), ...problems('invalid_input') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      return (await rules.promptTemplates.list(viewer, request.query.category ?? null)).map(shape);
    },
  );

  api.post(
    '/prompts/templates',
    {
      schema: {
        tags,
        operationId: 'createTemplate',
        summary: 'Stores a template of one’s own, of at most 500',
        body: template,
        response: { 201: templateShape, ...problems('invalid_input', 'conflict') },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      return reply.status(201).send(shape(await rules.promptTemplates.create(viewer, request.body)));
    },
  );

  api.put(
    '/prompts/templates/:id',
    {
      schema: {
        tags,
        operationId: 'updateTemplate',
        summary: 'Replaces a template of one’s own; sessions that began from it stay as they are',
        params: idParams,
        body: template,
        response: { 200: templateShape, ...problems('invalid_input', 'forbidden', 'not_found') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      return shape(await rules.promptTemplates.update(viewer, request.params.id, request.body));
    },
  );

  api.delete(
    '/prompts/templates/:id',
    {
      schema: {
        tags,
        operationId: 'deleteTemplate',
        summary: 'Removes a template of one’s own',
        params: idParams,
        response: { 204: z.null().meta({ description: 'It is gone.' }), ...problems('forbidden', 'not_found') },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      await rules.promptTemplates.delete(viewer, request.params.id);
      return reply.status(204).send(null);
    },
  );
}

function shape({ id, name, category, description, content, builtIn }: PromptTemplate): z.infer<typeof templateShape> {
  return { id, name, category, description, content, built_in: builtIn };
}
