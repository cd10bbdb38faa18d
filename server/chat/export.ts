import { ownedBy, type Viewer } from '../accounts/viewer.ts';
import { noteOnRequest } from '../request-scope.ts';
import type { Database } from '../stores/database.ts';
import type { Session } from '../stores/prisma/client.ts';
import { exportVersion } from './export-format.ts';
import { exportedMessageOf, exportedSessionOf, type StoredMessage } from './export-json.ts';
import { markdownOfMessage, markdownOfSession } from './export-markdown.ts';
import { notFound, parseId } from './input.ts';

export type ExportFormat = 'json' | 'markdown';

export interface ExportedFile {
  /** What to call it; any characters may stand in it. */
  name: string;
  /** Its text in pieces, read from the database as they are asked for. */
  chunks(signal: AbortSignal): AsyncGenerator<string, void>;
}

const sessionsAtOnce = 100;
/** A page of messages is as many as this, or as these bytes hold, whichever is less; one at least. */
const page = { messages: 200, bytes: 2 * 1024 * 1024 };

export type Exports = ReturnType<typeof createExports>;

/**
 * A user's conversations as files: JSON has everything, every branch, to be imported again; Markdown is for reading. Memory
 * does not grow with what is exported: pages are read by key, each in a statement of its own, so that what is said meanwhile
 * may or may not be in the file.
 */
export function createExports({ db }: { db: Database }) {
  /** All messages of a session, the older first, a parent before its children where their times are one. */
  async function* messagesOf(sessionId: string, signal: AbortSignal): AsyncGenerator<StoredMessage[], void> {
    let after: { createdAt: Date; depth: number; id: string } | null = null;
    for (;;) {
      signal.throwIfAborted();
      const sizes: MessageSize[] = await messageSizes(sessionId, after);
      const ids = fitting(sizes);
      const last = sizes[ids.length - 1];
      if (last === undefined) return;
      yield await read(ids);
      after = last;
    }
  }

  async function messageSizes(
    sessionId: string,
    after: { createdAt: Date; depth: number; id: string } | null,
  ): Promise<MessageSize[]> {
    const from = after ?? { createdAt: new Date(0), depth: -1, id: '00000000-0000-0000-0000-000000000000' };
    return db.$queryRaw<MessageSize[]>`
      select id, depth, created_at as "createdAt",
        octet_length(content) + coalesce(pg_column_size(context), 0) as bytes
      from messages
      where session_id = ${sessionId}::uuid and created_at >= ${from.createdAt}
        and (created_at, depth, id) > (${from.createdAt}, ${from.depth}::int, ${from.id}::uuid)
      order by created_at, depth, id limit ${page.messages}`;
  }

  /** The messages of the branch that is shown, from its beginning. */
  async function* shownMessagesOf(sessionId: string, signal: AbortSignal): AsyncGenerator<StoredMessage[], void> {
    let depth = -1;
    for (;;) {
      signal.throwIfAborted();
      const sizes = await db.$queryRaw<MessageSize[]>`
        select id, depth, created_at as "createdAt", octet_length(content) as bytes from messages
        where session_id = ${sessionId}::uuid and active and depth > ${depth}::int order by depth limit ${page.messages}`;
      const ids = fitting(sizes);
      const last = sizes[ids.length - 1];
      if (last === undefined) return;
      yield await read(ids);
      depth = last.depth;
    }
  }

  async function read(ids: readonly string[]): Promise<StoredMessage[]> {
    const rows = await db.message.findMany({
      where: { id: { in: [...ids] } },
      include: { reply: { include: { draft: { select: { partialContent: true } } } } },
    });
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  async function leafOf(sessionId: string): Promise<string | null> {
    const where = { sessionId, active: true };
    return (await db.message.findFirst({ where, orderBy: { depth: 'desc' }, select: { id: true } }))?.id ?? null;
  }

  /** All of the viewer's sessions, the older first. */
  async function* sessionsOf(viewer: Viewer, signal: AbortSignal): AsyncGenerator<Session, void> {
    let after: Session | null = null;
    for (;;) {
      signal.throwIfAborted();
      const sessions: Session[] = await db.session.findMany({
        where: {
          ...ownedBy(viewer),
          ...(after !== null && {
            OR: [{ createdAt: { gt: after.createdAt } }, { createdAt: after.createdAt, id: { gt: after.id } }],
          }),
        },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        take: sessionsAtOnce,
      });
      yield* sessions;
      after = sessions.at(-1) ?? null;
      if (after === null) return;
    }
  }

  /** A session as JSON, with what stands before its own fields. */
  async function* jsonOf(session: Session, before: object, signal: AbortSignal): AsyncGenerator<string, void> {
    const head = { ...before, ...exportedSessionOf(session, await leafOf(session.id)) };
    yield `${JSON.stringify(head).slice(0, -1)},"messages":[`;
    let separator = '\n';
    for await (const messages of messagesOf(session.id, signal)) {
      yield separator + messages.map((message) => JSON.stringify(exportedMessageOf(message))).join(',\n');
      separator = ',\n';
    }
    yield '\n]}';
  }

  async function* markdownOf(session: Session, signal: AbortSignal): AsyncGenerator<string, void> {
    const shown = await db.message.count({ where: { sessionId: session.id, active: true } });
    yield markdownOfSession(session, session.messageCount - shown);
    for await (const messages of shownMessagesOf(session.id, signal)) yield messages.map(markdownOfMessage).join('');
  }

  async function* allJson(viewer: Viewer, now: Date, signal: AbortSignal): AsyncGenerator<string, void> {
    yield `${JSON.stringify(versionAt(now)).slice(0, -1)},"sessions":[`;
    let separator = '\n';
    for await (const session of sessionsOf(viewer, signal)) {
      yield separator;
      yield* jsonOf(session, {}, signal);
      separator = ',\n';
    }
    yield '\n]}\n';
  }

  async function* allMarkdown(viewer: Viewer, signal: AbortSignal): AsyncGenerator<string, void> {
    let separator = '';
    for await (const session of sessionsOf(viewer, signal)) {
      yield separator;
      yield* markdownOf(session, signal);
      separator = '\n---\n\n';
    }
  }

  return {
    /** One session. Throws `not_found`. */
    async session(viewer: Viewer, id: string, format: ExportFormat): Promise<ExportedFile> {
      const sessionId = parseId(id);
      const session = sessionId && (await db.session.findFirst({ where: { id: sessionId, ...ownedBy(viewer) } }));
      if (session) noteOnRequest({ sessionId: session.id });
      if (!session) throw notFound('session');
      return {
        name: `${session.title}.${extensions[format]}`,
        async *chunks(signal) {
          if (format === 'markdown') return yield* markdownOf(session, signal);
          yield* jsonOf(session, versionAt(new Date()), signal);
          yield '\n';
        },
      };
    },

    /** Every session of the viewer. */
    all(viewer: Viewer, format: ExportFormat): ExportedFile {
      const now = new Date();
      return {
        name: `Conversations ${now.toISOString().slice(0, 10)}.${extensions[format]}`,
        chunks: (signal) => (format === 'markdown' ? allMarkdown(viewer, signal) : allJson(viewer, now, signal)),
      };
    },
  };
}

const extensions: Record<ExportFormat, string> = { json: 'json', markdown: 'md' };

interface MessageSize {
  id: string;
  depth: number;
  createdAt: Date;
  bytes: number;
}

/** As many of the first ones as may be in memory at once; one at least. */
function fitting(sizes: readonly MessageSize[]): string[] {
  let bytes = 0;
  const over = sizes.findIndex((message, index) => {
    bytes += message.bytes;
    return index > 0 && bytes > page.bytes;
  });
  return (over === -1 ? sizes : sizes.slice(0, over)).map(({ id }) => id);
}

function versionAt(now: Date) {
  return { export_version: exportVersion, exported_at: now.toISOString() };
}
