import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import type { Prisma, Session } from '../stores/prisma/client.ts';
import type { Changes } from './changes.ts';
import type { ForgottenConversations } from './forgotten-conversations.ts';
import { generationInput } from './generation.ts';
import { limits, notFound, optionalText, parseId, parseInput, requiredText, requireId } from './input.ts';
import { inOrderOf, type NumberedPage, type Page, type PageArgs, parsePage, toPage } from './pages.ts';
import type { PromptTemplates } from './prompt-templates.ts';
import type { ReplyStops } from './reply-stops.ts';
import type { Search } from './search.ts';
import type { TemplateValue } from './template-text.ts';

export type { Session };

export interface SessionFilter {
  /** Words looked for in titles and messages. */
  search?: string | null | undefined;
  favorite?: boolean | null | undefined;
  archived?: boolean | null | undefined;
}

export type Sessions = ReturnType<typeof createSessions>;

const settingsInput = z.object({
  title: requiredText(limits.title).nullish(),
  systemPrompt: optionalText(limits.systemPrompt).nullish(),
  model: requiredText(limits.title).nullish(),
  generation: generationInput.nullish(),
});

const createInput = settingsInput
  .extend({ templateId: z.string().nullish(), templateValues: z.custom<readonly TemplateValue[]>().nullish() })
  .refine(({ templateId, systemPrompt }) => templateId == null || blankToNull(systemPrompt) === null, {
    path: ['templateId'],
    message: 'and systemPrompt exclude each other',
  });

const updateInput = settingsInput.extend({
  favorite: z.boolean().nullish(),
  archived: z.boolean().nullish(),
});

const sessionKey = z.tuple([z.coerce.date().min(new Date(0)).max(new Date('9999-12-31')), z.uuid()]);

interface Parts {
  db: Database;
  changes: Changes;
  search: Search;
  templates: Pick<PromptTemplates, 'systemPrompt'>;
  stops: Pick<ReplyStops, 'running' | 'abandon'>;
  forgotten: Pick<ForgottenConversations, 'deleteSession'>;
  answerCache: Pick<AnswerCache, 'forget'>;
}

/** Conversations of a viewer. Ids that are unknown, malformed or another's look the same: null, or `not_found`. */
export function createSessions({ db, changes, search, templates, stops, forgotten, answerCache }: Parts) {
  async function find(viewer: Viewer, id: string): Promise<Session | null> {
    const sessionId = parseId(id);
    const where = { id: sessionId ?? '', ...ownedBy(viewer) };
    const session = sessionId === null ? null : await db.session.findFirst({ where });
    if (session !== null) noteOnRequest({ sessionId: session.id });
    return session;
  }

  async function where(viewer: Viewer, filter: SessionFilter): Promise<Prisma.SessionWhereInput> {
    return {
      ...ownedBy(viewer),
      ...(typeof filter.favorite === 'boolean' && { favorite: filter.favorite }),
      ...(typeof filter.archived === 'boolean' && { archivedAt: filter.archived ? { not: null } : null }),
      ...(filter.search?.trim() && { id: { in: await search.sessionsMatching(viewer, filter.search) } }),
    };
  }

  return {
    find,

    /** In the order of `ids`; null for those that are not the viewer's. */
    async findMany(viewer: Viewer, ids: readonly string[]): Promise<(Session | null)[]> {
      const rows = await db.session.findMany({ where: { id: { in: [...ids] }, ...ownedBy(viewer) } });
      return inOrderOf(ids, rows, (row) => row.id);
    },

    /** Newest activity first. */
    async page(viewer: Viewer, args: PageArgs, filter: SessionFilter = {}): Promise<Page<Session>> {
      const range = parsePage(args, sessionKey);
      const { after, before } = range;
      const rows = await db.session.findMany({
        where: {
          AND: [
            await where(viewer, filter),
            ...(after === null
              ? []
              : [{ OR: [{ updatedAt: { lt: after[0] } }, { updatedAt: after[0], id: { lt: after[1] } }] }]),
            ...(before === null
              ? []
              : [{ OR: [{ updatedAt: { gt: before[0] } }, { updatedAt: before[0], id: { gt: before[1] } }] }]),
          ],
        },
        orderBy: range.backward ? [{ updatedAt: 'asc' }, { id: 'asc' }] : [{ updatedAt: 'desc' }, { id: 'desc' }],
        take: range.take + 1,
      });
      return toPage(range, rows, (session) => [session.updatedAt, session.id]);
    },

    /** The same list by numbered pages, for clients that jump: a far page reads what stands before it. */
    async pageAt(viewer: Viewer, { page, size }: NumberedPage, filter: SessionFilter = {}): Promise<Session[]> {
      return db.session.findMany({
        where: await where(viewer, filter),
        orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
        skip: (page - 1) * size,
        take: size,
      });
    },

    async count(viewer: Viewer, filter: SessionFilter = {}): Promise<number> {
      return db.session.count({ where: await where(viewer, filter) });
    },

    /**
     * With a template the session gets its text as the system prompt, filled in now: a prompt that changed during the
     * session would be computed anew with each turn. Throws `invalid_input`, and `not_found` for the template.
     */
    async create(viewer: Viewer, input: z.input<typeof createInput>): Promise<Session> {
      const { title, systemPrompt, model, generation, templateId, templateValues } = parseInput(createInput, input);
      const prompt =
        templateId == null
          ? blankToNull(systemPrompt)
          : await templates.systemPrompt(viewer, templateId, templateValues ?? []);
      const session = await db.session.create({
        data: {
          id: uuid(),
          ...ownedBy(viewer),
          ...(title && { title, titleChosen: true }),
          systemPrompt: prompt,
          modelName: model ?? null,
          generation: generation ?? {},
        },
      });
      noteOnRequest({ sessionId: session.id });
      changes.publish(viewer.id, { type: 'session', sessionId: session.id });
      return session;
    },

    /**
     * Changes what is given; null clears the system prompt, the model and the generation settings. Throws
     * `invalid_input`, `not_found`.
     */
    async update(viewer: Viewer, id: string, input: z.input<typeof updateInput>): Promise<Session> {
      const { title, systemPrompt, model, generation, favorite, archived } = parseInput(updateInput, input);
      const moved = title != null || systemPrompt !== undefined || model !== undefined;
      const [session] = await db.session.updateManyAndReturn({
        where: { id: requireId(id, 'session'), ...ownedBy(viewer) },
        data: {
          ...(title != null && { title, titleChosen: true }),
          ...(systemPrompt !== undefined && { systemPrompt: blankToNull(systemPrompt) }),
          ...(model !== undefined && { modelName: model }),
          ...(generation !== undefined && { generation: generation ?? {} }),
          ...(favorite != null && { favorite }),
          ...(archived != null && { archivedAt: archived ? new Date() : null }),
          ...(moved && { updatedAt: new Date() }),
        },
      });
      if (session === undefined) throw notFound('session');
      noteOnRequest({ sessionId: session.id });
      changes.publish(viewer.id, { type: 'session', sessionId: session.id });
      return session;
    },

    /** Makes a favourite of it, or no longer. Throws `not_found`. */
    async toggleFavorite(viewer: Viewer, id: string): Promise<Session> {
      const [toggled] = await db.$queryRaw<{ id: string }[]>`
        update sessions set favorite = not favorite
        where id = ${requireId(id, 'session')}::uuid and user_id = ${viewer.id}::uuid returning id`;
      const session = toggled && (await find(viewer, toggled.id));
      if (!session) throw notFound('session');
      changes.publish(viewer.id, { type: 'session', sessionId: session.id });
      return session;
    },

    /** The messages go with the session, and what runs is stopped. Returns the id. Throws `not_found`. */
    async delete(viewer: Viewer, id: string): Promise<string> {
      const session = await find(viewer, id);
      if (session === null) throw notFound('session');
      const running = await stops.running(session.id);
      // What the model holds of it goes too, as soon as it can; nobody waits for that.
      await forgotten.deleteSession(viewer.id, session.id);
      stops.abandon(running);
      await answerCache.forget({ sessionId: session.id });
      changes.publish(viewer.id, { type: 'session-deleted', sessionId: session.id });
      return session.id;
    },
  };
}

function blankToNull(text: string | null | undefined): string | null {
  return text?.trim() ? text : null;
}
