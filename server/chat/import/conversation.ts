import type { ErrorCode } from '../../errors.ts';
import type { GenerationSettings } from '../generation.ts';

/** How an answer was made, as far as its file tells; a portal's own export has all of it. */
export interface ImportedReply {
  modelName: string | null;
  generation: GenerationSettings;
  askedModel: string | null;
  errorCode: ErrorCode | null;
  /** By its id in the file. */
  firstIncludedMessageId: string | null;
  includedCount: number | null;
  droppedCount: number | null;
  promptTokens: number | null;
  reusedTokens: number | null;
  completionTokens: number | null;
  timeToFirstTokenMs: number | null;
  tokensPerSecond: number | null;
  finishReason: 'stop' | 'length' | 'cancelled' | 'error' | null;
}

/** A message in the portal's words; ids and times are those of its file. */
export interface ImportedMessage {
  id: string;
  parentId: string | null;
  role: 'user' | 'assistant';
  content: string;
  status: 'pending' | 'in_progress' | 'complete' | 'stopped' | 'failed';
  errorMessage: string | null;
  rating: 'up' | 'down' | null;
  pinned: boolean;
  cached: boolean;
  /** Where a cached answer came from, where that is known. */
  cacheHit: { sourceMessageId: string; similarity: number; ageSeconds: number } | null;
  context: unknown;
  createdAt: Date | null;
  shownAt: Date | null;
  reply: ImportedReply | null;
}

/** A message that is not taken over: what follows it follows its parent instead. */
export interface LeftOutMessage {
  id: string;
  parentId: string | null;
  /** What it is, counted in the report; null for what nobody would miss. */
  leftOut: 'hidden' | 'tool' | 'empty' | null;
  /** Said by the file to the model for the whole conversation. */
  systemPrompt?: string;
}

/** What a conversation is, apart from its title and messages. */
export interface ImportedHead {
  /** Its id in the file; null where it has none: its content then stands for it. */
  sourceId: string | null;
  /** Whether a title that it has was chosen by its owner. */
  titleChosen: boolean;
  systemPrompt: string | null;
  modelName: string | null;
  generation: GenerationSettings;
  favorite: boolean;
  archivedAt: Date | null;
  createdAt: Date | null;
  updatedAt: Date | null;
  /** The last message of the branch that is shown, by its id in the file. */
  leafId: string | null;
}

/** Something that the report tells of a conversation that was taken over all the same. */
export type Note = 'cleaned' | 'attachment' | 'cut';

/** One element of the place where a conversation's messages stand. */
export interface SourceMessage {
  /** The name under which it stands, or its place. */
  key: string | number;
  value: unknown;
}

/** What stands beside the messages of a conversation, by `ConversationFormat.fields`. */
export type SourceFields = ReadonlyMap<string, unknown>;

/**
 * One form in which conversations are written down. Its functions are pure: the same element read twice is the same
 * message, so that a conversation need never be in memory whole.
 */
export interface ConversationFormat {
  readonly name: 'portal' | 'chatgpt' | 'open-webui' | 'openai';
  /** Places below a conversation whose values `readHead` looks at. */
  readonly fields: readonly string[];
  /** Whether what does not fit together refuses the conversation; otherwise it is repaired and reported. */
  readonly strict: boolean;
  /** Throws ConversationRefused. */
  readMessage(source: SourceMessage, note: (note: Note) => void): ImportedMessage | LeftOutMessage;
  /** Throws ConversationRefused. */
  readHead(fields: SourceFields): ImportedHead;
}

/** Why a conversation is not taken over; the message is said to the person who imports. */
export class ConversationRefused extends Error {
  override readonly name = 'ConversationRefused';
}

export const importLimits = {
  /** Bytes of an upload. */
  fileBytes: 100 * 1024 * 1024,
  conversations: 50_000,
  /** Taken over, of one conversation. */
  messages: 10_000,
  /** With those that are left out. */
  elements: 40_000,
  /** Bytes of JSON of one message, with what is not taken over of it. */
  messageBytes: 16 * 1024 * 1024,
  /** The same of any other value. */
  fieldBytes: 256 * 1024,
  /** UTF-16 units of one message. */
  content: 1024 * 1024,
  /** UTF-16 units of an id of a file. */
  id: 255,
} as const;
