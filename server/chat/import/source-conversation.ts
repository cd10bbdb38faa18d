import { createHash } from 'node:crypto';
import { limits, storable } from '../input.ts';
import { titleFrom } from '../titles.ts';
import { chatGptFormat } from './chatgpt.ts';
import {
  type ConversationFormat,
  ConversationRefused,
  type ImportedHead,
  type ImportedMessage,
  importLimits,
  type LeftOutMessage,
  type Note,
} from './conversation.ts';
import { openWebUiFormat } from './open-webui.ts';
import { openAiMessagesFormat } from './openai-messages.ts';
import { portalFormat } from './portal.ts';
import { fieldsOf, titleOf } from './source-values.ts';

/** What is remembered of a message of the file: where it hangs, and where its text stands in the file. */
export interface SourceElement {
  key: string | number;
  id: string;
  parentId: string | null;
  createdAt: Date | null;
  shownAt: Date | null;
  /** False for one that is left out. */
  kept: boolean;
  start: number;
  length: number;
}

export type ReportNote = Note | NonNullable<LeftOutMessage['leftOut']> | 'duplicate' | 'orphan' | 'cycle';

/** A conversation of a file, without the texts of its messages. */
export interface SourceConversation {
  /** Null where it has the form of none. */
  format: ConversationFormat | null;
  head: ImportedHead | null;
  /** In one line of at most 255 units, or as the portal wrote it; also where it is refused. */
  title: string | null;
  elements: readonly SourceElement[];
  /** Parents by the lists of children that some files hold besides. */
  listedBy: ReadonlyMap<string, string>;
  /** A title by its first question. */
  titleFromContent: string | null;
  /** Of what is said in it: the same conversation has the same. */
  digest: string;
  /** Why it is not taken over, as far as that is known by now. */
  refused: string | null;
  notes: Map<ReportNote, number>;
}

/** Where messages stand below a conversation, and what is written so. */
const formatsByPlace = new Map<string, (first: unknown) => ConversationFormat>([
  ['mapping', () => chatGptFormat],
  ['history.messages', () => openWebUiFormat],
  ['chat.history.messages', () => openWebUiFormat],
  ['messages', (first) => (typeof fieldsOf(first).message_id === 'string' ? portalFormat : openAiMessagesFormat)],
]);

const allFields = new Set(
  [portalFormat, chatGptFormat, openWebUiFormat, openAiMessagesFormat].flatMap((format) => format.fields),
);

export const isMessagePlace = (place: string | null): place is string => place !== null && formatsByPlace.has(place);
export const isField = (place: string | null): place is string => place !== null && allFields.has(place);

/** Collects one conversation as its parts come along, in any order. */
export function createConversationCollector(inPortalExport: () => boolean) {
  const fields = new Map<string, unknown>();
  const elements: SourceElement[] = [];
  const listedBy = new Map<string, string>();
  const notes = new Map<ReportNote, number>();
  const hash = createHash('sha256');
  const unreadFields = new Map<string, string>();
  let place: string | null = null;
  let format: ConversationFormat | null = null;
  let refused: string | null = null;
  let titleFromContent: string | null = null;
  let systemPrompt: string | null = null;
  let kept = 0;

  const note = (what: ReportNote) => notes.set(what, (notes.get(what) ?? 0) + 1);

  function refuse(reason: string): void {
    refused ??= reason;
    elements.length = 0;
    listedBy.clear();
  }

  /** Runs a reader of the format; what it refuses ends the collecting. */
  function tryTo<Result>(read: () => Result): Result | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConversationRefused)) throw error;
      refuse(error.message);
      return null;
    }
  }

  function add(message: ImportedMessage | LeftOutMessage, key: string | number, start: number, length: number): void {
    const { id, parentId } = message;
    const left = 'leftOut' in message;
    elements.push({
      key,
      id,
      parentId,
      createdAt: left ? null : message.createdAt,
      shownAt: left ? null : message.shownAt,
      kept: !left,
      start,
      length,
    });
    if (left) {
      if (message.leftOut !== null) note(message.leftOut);
      if (message.systemPrompt !== undefined) {
        systemPrompt = [systemPrompt, message.systemPrompt].filter((text) => text !== null).join('\n\n');
      }
    } else {
      kept += 1;
      if (message.role === 'user') titleFromContent ??= titleFrom(message.content);
    }
    // Each part with its length, so that no two conversations read the same.
    hash.update(JSON.stringify(left ? [message.systemPrompt ?? null] : [message.role, message.content]));
    if (kept > importLimits.messages) refuse(`It has more than ${importLimits.messages} messages.`);
    if (elements.length > importLimits.elements) refuse(`It has more than ${importLimits.elements} entries.`);
  }

  return {
    /** A place of messages begins; the first one counts. */
    open(at: string): void {
      place ??= at;
    },

    field(name: string, value: unknown): void {
      fields.set(name, value);
    },

    unreadField(name: string, because: string): void {
      unreadFields.set(name, because);
    },

    message(at: string, key: string | number, value: unknown, start: number, length: number): void {
      if (at !== place || refused !== null) return;
      format ??= formatsByPlace.get(at)?.(value) ?? null;
      const reader = format;
      if (reader === null) return;
      const message = tryTo(() => reader.readMessage({ key, value }, note));
      if (message === null) return;
      for (const child of reader.strict ? [] : childrenOf(value)) {
        if (listedBy.size < importLimits.elements && !listedBy.has(child)) listedBy.set(child, message.id);
      }
      add(message, key, start, length);
    },

    unreadMessage(at: string, because: string): void {
      if (at === place) refuse(`A message is ${because}.`);
    },

    end(): SourceConversation {
      if (place !== null) format ??= inPortalExport() ? portalFormat : (formatsByPlace.get(place)?.(null) ?? null);
      const reader = format;
      const unread = reader?.fields.find((name) => unreadFields.has(name));
      if (unread !== undefined) refuse(`Its ${unread} is ${unreadFields.get(unread)}.`);
      let head = reader === null ? null : tryTo(() => reader.readHead(fields));
      if (head !== null && systemPrompt !== null) head = { ...head, systemPrompt: head.systemPrompt ?? systemPrompt };
      const title = givenTitle(fields, reader?.strict ?? false);
      hash.update(JSON.stringify([title]));
      const digest = `sha256:${hash.digest('hex')}`;
      return { format, head, title, elements, listedBy, titleFromContent, digest, refused, notes };
    },
  };
}

function givenTitle(fields: ReadonlyMap<string, unknown>, exact: boolean): string | null {
  const given = fields.get('title') ?? fields.get('chat.title');
  const asGiven = exact && typeof given === 'string' && given.length <= limits.title && given.trim() !== '';
  return asGiven ? storable(given) : titleOf(given, limits.title);
}

function childrenOf(value: unknown): string[] {
  const { children, childrenIds } = fieldsOf(value);
  const listed = Array.isArray(childrenIds) ? childrenIds : Array.isArray(children) ? children : [];
  return listed.filter((child) => typeof child === 'string' && child.length <= importLimits.id);
}
