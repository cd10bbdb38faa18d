import { ownedBy, type Viewer } from '../../accounts/viewer.ts';
import { PortalError } from '../../errors.ts';
import type { Logger } from '../../logger.ts';
import { currentRequestId } from '../../request-scope.ts';
import type { Database } from '../../stores/database.ts';
import { isDatabaseUnavailable } from '../../stores/database-errors.ts';
import type { Changes } from '../changes.ts';
import { limits, parseId, storable } from '../input.ts';
import { arrange, sessionIdOf } from './arrange.ts';
import { ConversationRefused, importLimits } from './conversation.ts';
import { JsonSyntaxError } from './json-outline.ts';
import { readConversations, refuseFile } from './read-conversations.ts';
import { describe } from './report.ts';
import { openScratchFile, type ScratchFile } from './scratch-file.ts';
import type { SourceConversation } from './source-conversation.ts';
import { cutTo } from './source-values.ts';
import { createTurns } from './turns.ts';
import { type NewConversation, writeConversation } from './write-conversation.ts';
import { type ZipEntry, zipEntries } from './zip-entries.ts';

export interface ImportItem {
  title: string;
  /** Null where there is none: it failed, or nothing was to be written. */
  sessionId: string | null;
  outcome: 'imported' | 'skipped' | 'failed';
  /** Why, or what was left out and repaired. */
  reason: string | null;
}

export interface ImportReport {
  imported: number;
  skipped: number;
  failed: number;
  /** One for each conversation, in the order of the file. */
  items: ImportItem[];
}

export interface Upload {
  kind: 'json' | 'zip';
  body: AsyncIterable<Buffer>;
}

interface Parts {
  db: Database;
  changes: Changes;
  logger: Logger;
  /** Where uploads stay while they are read. */
  scratchDir: string;
}

/** Uploads that may be under way at once: each takes up to `importLimits.fileBytes` of disk. */
const mostAtOnce = 16;
/** Of the database's connections, those that imports may hold. */
const writersAtOnce = 3;

interface Run {
  viewer: Viewer;
  dryRun: boolean;
  signal: AbortSignal;
  report: ImportReport;
  /** Sessions that the file has brought so far. */
  seen: Set<string>;
}

export type Imports = ReturnType<typeof createImports>;

/** Takes over conversations that other portals, or this one, have written to a file. */
export function createImports({ db, changes, logger, scratchDir }: Parts) {
  const inTurn = createTurns(writersAtOnce);
  let underWay = 0;

  async function readJson(run: Run, body: AsyncIterable<Buffer>): Promise<void> {
    const file = await openScratchFile(scratchDir);
    try {
      // The whole file has come, and is JSON, before anything of it is stored.
      const found = await countConversations(spooled(body, file), run.signal);
      if (found.recognised === 0 && found.others > 0) throw noConversation();
      await importAll(run, file);
    } finally {
      await file.close();
    }
  }

  async function readZip(run: Run, body: AsyncIterable<Buffer>): Promise<void> {
    const archive = await openScratchFile(scratchDir);
    const file = await openScratchFile(scratchDir);
    try {
      for await (const _ of spooled(body, archive));
      // An archive that is damaged, or a bomb, is refused before anything of it is stored.
      const holding: (Found | JsonSyntaxError)[] = [];
      for await (const entry of zipEntries(archive.fd)) holding.push(await checkEntry(entry, run.signal));
      if (!holding.some((found) => found instanceof JsonSyntaxError || found.recognised > 0)) throw noConversation();
      let index = 0;
      for await (const entry of zipEntries(archive.fd)) {
        const found = holding[index++];
        if (found instanceof JsonSyntaxError) {
          tell(run, {
            title: storable(entry.name),
            outcome: 'failed',
            reason: `The file is not JSON: ${found.message}.`,
          });
        } else if (found !== undefined && found.recognised > 0) {
          await file.clear();
          for await (const _ of spooled(entry.chunks(), file, Number.POSITIVE_INFINITY));
          await importAll(run, file);
        }
      }
    } finally {
      await Promise.all([archive.close(), file.close()]);
    }
  }

  async function importAll(run: Run, file: ScratchFile): Promise<void> {
    for await (const source of readConversations(file.chunks(), { validate: false, signal: run.signal })) {
      if (run.report.items.length >= importLimits.conversations) {
        throw refuseFile(`must hold at most ${importLimits.conversations} conversations`);
      }
      const title = source.title ?? source.titleFromContent ?? 'New Chat';
      try {
        tell(run, { title, ...(await importOne(run, file, source, title)) });
      } catch (error) {
        tell(run, { title, outcome: 'failed', reason: explain(error) });
      }
    }
  }

  async function importOne(
    { viewer, dryRun, signal, seen }: Run,
    file: ScratchFile,
    source: SourceConversation,
    title: string,
  ): Promise<Omit<ImportItem, 'title' | 'sessionId'> & { sessionId?: string }> {
    const { format, head } = source;
    if (source.refused !== null) throw new ConversationRefused(source.refused);
    if (format === null || head === null) throw new ConversationRefused('It is no conversation of a known format.');
    const sourceId = head.sourceId ?? source.digest;
    const id = sessionIdOf(viewer.id, sourceId);
    const arrangement = arrange(source, id, new Date());
    if (arrangement.messages.length === 0 && !format.strict) {
      throw new ConversationRefused('It holds no messages that can be taken over.');
    }
    let systemPrompt = head.systemPrompt === null ? null : storable(head.systemPrompt);
    if (systemPrompt !== null && systemPrompt.length > limits.systemPrompt) {
      systemPrompt = cutTo(systemPrompt, limits.systemPrompt);
      source.notes.set('cut', 1);
    }
    if (seen.has(id))
      return { outcome: 'skipped', reason: 'The file has it twice.', ...(!dryRun && { sessionId: id }) };
    seen.add(id);
    const there = await existing(viewer, [id, parseId(sourceId)]);
    if (there !== null) return { outcome: 'skipped', sessionId: there, reason: 'It is here already.' };
    const reason = describe(source.notes);
    if (dryRun) return { outcome: 'imported', reason };
    const conversation: NewConversation = {
      id,
      title,
      head: { ...head, systemPrompt, titleChosen: head.titleChosen && source.title !== null },
      arrangement,
      async read({ element }) {
        const text = await file.read(element.start, element.length);
        const message = format.readMessage({ key: element.key, value: JSON.parse(text.toString()) }, () => {});
        if ('leftOut' in message) throw new Error('a message reads otherwise the second time');
        return message;
      },
    };
    const added = await inTurn(() => writeConversation(db, viewer, conversation, signal));
    if (!added) return { outcome: 'skipped', sessionId: id, reason: 'It is here already.' };
    changes.publish(viewer.id, { type: 'session', sessionId: id });
    return { outcome: 'imported', sessionId: id, reason };
  }

  /** Why a conversation was not stored. What every other one would meet too is thrown. */
  function explain(error: unknown): string {
    if (error instanceof ConversationRefused) return error.message;
    if (!(error instanceof Error) || error.name === 'AbortError' || error instanceof PortalError) throw error;
    if (isDatabaseUnavailable(error)) throw error;
    logger.error({ err: error }, 'a conversation could not be imported');
    return `It could not be stored. The log has the details under request ${currentRequestId()}.`;
  }

  /** Of these, the session that the viewer has. */
  async function existing(viewer: Viewer, ids: readonly (string | null)[]): Promise<string | null> {
    const known = ids.filter((id) => id !== null);
    const session = await db.session.findFirst({
      where: { id: { in: known }, ...ownedBy(viewer) },
      select: { id: true },
    });
    return session?.id ?? null;
  }

  return {
    /**
     * Takes over what the file holds, each conversation whole or not at all, and tells of each. With `dryRun` it only
     * tells. What is here already is skipped, so that the same file may come again. Nothing is stored before the whole
     * file has come; an abort later ends between two conversations. Throws JsonSyntaxError, `invalid_input`,
     * `payload_too_large`, `overloaded`.
     */
    async run(
      viewer: Viewer,
      { kind, body }: Upload,
      { dryRun, signal }: { dryRun: boolean; signal: AbortSignal },
    ): Promise<ImportReport> {
      if (underWay >= mostAtOnce) {
        throw new PortalError('overloaded', 'Many imports are under way; try again later.', { retryAfterSeconds: 10 });
      }
      const report: ImportReport = { imported: 0, skipped: 0, failed: 0, items: [] };
      const run: Run = { viewer, dryRun, signal, report, seen: new Set() };
      underWay += 1;
      try {
        await (kind === 'zip' ? readZip : readJson)(run, body);
        return report;
      } finally {
        underWay -= 1;
      }
    },
  };
}

function tell({ report }: Run, item: Omit<ImportItem, 'sessionId'> & { sessionId?: string }): void {
  report[item.outcome] += 1;
  report.items.push({ ...item, sessionId: item.sessionId ?? null });
}

interface Found {
  recognised: number;
  /** What stands where a conversation would, and is none. */
  others: number;
}

async function countConversations(chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Found> {
  const found: Found = { recognised: 0, others: 0 };
  for await (const { format } of readConversations(chunks, { validate: true, signal })) {
    found[format === null ? 'others' : 'recognised'] += 1;
  }
  return found;
}

async function checkEntry(entry: ZipEntry, signal: AbortSignal): Promise<Found | JsonSyntaxError> {
  try {
    return await countConversations(entry.chunks(), signal);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
}

function noConversation(): PortalError {
  return refuseFile('holds no conversation of a known format');
}

/** The chunks, each stored as it passes. Throws `payload_too_large`. */
async function* spooled(
  chunks: AsyncIterable<Buffer>,
  file: ScratchFile,
  maxBytes: number = importLimits.fileBytes,
): AsyncGenerator<Buffer, void> {
  for await (const chunk of chunks) {
    if (file.size() + chunk.length > maxBytes) {
      throw new PortalError('payload_too_large', `The file is larger than ${maxBytes} bytes.`);
    }
    await file.append(chunk);
    yield chunk;
  }
}
