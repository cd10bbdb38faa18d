import { z } from 'zod';
import { limits, notFound, optionalText, requiredText } from '../chat/input.ts';
import type { Session } from '../chat/sessions.ts';
import type { Api, RestParts } from './api.ts';
import { idParams, namedBy, optionalBody, pageQuery, queryFlag } from './input.ts';
import { messageShape, shapeMessages } from './message-shape.ts';
import { describePages, pageHeaders } from './pages.ts';
import { problems } from './problems.ts';
import { count, id, time } from './words.ts';

const tags = ['sessions'];

const listedSession = z
  .object({
    session_id: id(),
    title: z.string(),
    favorite: z.boolean(),
    archived: z.boolean(),
    message_count: count().meta({ description: 'Of all branches.' }),
    created_at: time(),
    updated_at: time().meta({ description: 'When something was said, or the session changed, last.' }),
  })
  .meta({ id: 'ListedSession', description: 'A conversation in a list.' });

const session = listedSession
  .extend({ system_prompt: z.string().nullable(), model_name: z.string().nullable() })
  .meta({ id: 'Session', description: 'A conversation and its settings; null is the portal’s own.' });

const wholeSession = session
  .extend({ messages: z.array(messageShape).meta({ description: 'The active branch, oldest first.' }) })
  .meta({ id: 'WholeSession', description: 'A conversation with what was said.' });

const newSession = {
  title: requiredText(limits.title).nullish(),
  system_prompt: optionalText(limits.systemPrompt).nullish(),
  model_name: requiredText(limits.title).nullish(),
};

/** Conversations: what they are called, how they answer, what was said. */
export function registerSessions(api: Api, { caller }: RestParts): void {
  api.post(
    '/sessions',
    {
      schema: {
        tags,
        operationId: 'createSession',
        summary: 'Begins a conversation',
        body: optionalBody({ ...newSession, template_id: z.string().nullish() }).meta({
          examples: [{ title: 'The sky' }],
        }),
        response: { 201: z.object({ session_id: id() }), ...problems('invalid_input') },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { title, system_prompt: systemPrompt, model_name: model, template_id: templateId } = request.body ?? {};
      const created = await namedBy(
        'template_id',
        rules.sessions.create(viewer, { title, systemPrompt, model, templateId }),
      );
      return reply.status(201).send({ session_id: created.id });
    },
  );

  api.get(
    '/sessions',
    {
      schema: {
        tags,
        operationId: 'listSessions',
        summary: 'Lists conversations, newest activity first',
        querystring: pageQuery.extend({
          search: z.string().optional().meta({ description: 'Words looked for in titles and messages.' }),
          favorite: queryFlag(),
          archived: queryFlag(),
        }),
        response: {
          200: {
            description: 'One page',
            headers: pageHeaders,
            content: { 'application/json': { schema: z.array(listedSession) } },
          },
          ...problems('invalid_input'),
        },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { page, page_size: size, ...filter } = request.query;
      const [sessions, total] = await Promise.all([
        rules.sessions.pageAt(viewer, { page, size }, filter),
        rules.sessions.count(viewer, filter),
      ]);
      describePages(request, reply, request.query, total);
      return reply.send(sessions.map(shapeListed));
    },
  );

  api.get(
    '/sessions/:id',
    {
      schema: {
        tags,
        operationId: 'readSession',
        summary: 'Reads a conversation whole',
        params: idParams,
        response: { 200: wholeSession, ...problems('not_found') },
      },
    },
    async (request) => {
      const from = await caller(request);
      const { viewer, rules } = from;
      const found = await rules.sessions.find(viewer, request.params.id);
      if (found === null) throw notFound('session');
      const messages = await rules.messages.branch(viewer, found.id);
      return { ...shapeSession(found), messages: await shapeMessages(from, messages) };
    },
  );

  api.put(
    '/sessions/:id',
    {
      schema: {
        tags,
        operationId: 'updateSession',
        summary: 'Changes what is given; null clears the model and the system prompt',
        params: idParams,
        body: z
          .object({ ...newSession, favorite: z.boolean().nullish(), archived: z.boolean().nullish() })
          .meta({ examples: [{ title: 'The sky', favorite: true }] }),
        response: { 200: session, ...problems('invalid_input', 'not_found') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const { title, system_prompt: systemPrompt, model_name: model, favorite, archived } = request.body;
      return shapeSession(
        await rules.sessions.update(viewer, request.params.id, { title, systemPrompt, model, favorite, archived }),
      );
    },
  );

  api.patch(
    '/sessions/:id/favorite',
    {
      schema: {
        tags,
        operationId: 'toggleFavorite',
        summary: 'Makes a conversation a favourite, or no longer',
        params: idParams,
        response: { 200: z.object({ session_id: id(), favorite: z.boolean() }), ...problems('not_found') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      const { id, favorite } = await rules.sessions.toggleFavorite(viewer, request.params.id);
      return { session_id: id, favorite };
    },
  );

  api.delete(
    '/sessions/:id',
    {
      schema: {
        tags,
        operationId: 'deleteSession',
        summary: 'Deletes a conversation with its messages; a running reply is stopped first',
        params: idParams,
        response: { 204: z.null().meta({ description: 'It is gone.' }), ...problems('not_found') },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      await rules.sessions.delete(viewer, request.params.id);
      return reply.status(204).send(null);
    },
  );

  api.get(
    '/sessions/:id/messages',
    {
      schema: {
        tags,
        operationId: 'listMessages',
        summary: 'Lists the messages of the active branch, oldest first',
        params: idParams,
        querystring: pageQuery,
        response: {
          200: {
            description: 'One page',
            headers: pageHeaders,
            content: { 'application/json': { schema: z.array(messageShape) } },
          },
          ...problems('invalid_input', 'not_found'),
        },
      },
    },
    async (request, reply) => {
      const from = await caller(request);
      const { viewer, rules } = from;
      const { page, page_size: size } = request.query;
      const found = await rules.sessions.find(viewer, request.params.id);
      if (found === null) throw notFound('session');
      const [messages, total] = await Promise.all([
        rules.messages.branch(viewer, found.id, { page, size }),
        rules.messages.countActive(viewer, found.id),
      ]);
      describePages(request, reply, request.query, total);
      return reply.send(await shapeMessages(from, messages));
    },
  );
}

function shapeListed(row: Session): z.infer<typeof listedSession> {
  return {
    session_id: row.id,
    title: row.title,
    favorite: row.favorite,
    archived: row.archivedAt !== null,
    message_count: row.messageCount,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function shapeSession(row: Session): z.infer<typeof session> {
  return { ...shapeListed(row), system_prompt: row.systemPrompt, model_name: row.modelName };
}
