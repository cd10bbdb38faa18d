import { storable } from '../input.ts';
import { ConversationRefused, importLimits, type Note } from './conversation.ts';

/** Readers of values that may be of any type: files are written by others, and by anybody. */

export type Fields = Record<string, unknown>;

/** The value's own properties; none where it is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** An id of the file, or null. Throws ConversationRefused for one that is too long. */
export function idOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  if (value.length > importLimits.id) {
    throw new ConversationRefused(`An id is longer than ${importLimits.id} characters.`);
  }
  return storable(value);
}

/** The same text as it can be stored. Throws ConversationRefused for one that is too long. */
export function contentOf(text: string, note: (note: Note) => void): string {
  if (text.length > importLimits.content) {
    throw new ConversationRefused(`A message is longer than ${importLimits.content} characters.`);
  }
  const stored = storable(text);
  if (stored !== text) note('cleaned');
  return stored;
}

export const earliestTime = new Date(0);
export const latestTime = new Date('9999-12-30T00:00:00Z');

/**
 * A time in seconds since 1970, or in milliseconds, microseconds or nanoseconds where only that makes sense, or as ISO
 * 8601; null for anything else.
 */
export function timeOf(value: unknown): Date | null {
  const milliseconds =
    typeof value === 'number' ? fromEpoch(value) : typeof value === 'string' ? Date.parse(value) : NaN;
  const time = new Date(milliseconds);
  return time >= earliestTime && time <= latestTime ? time : null;
}

function fromEpoch(count: number): number {
  if (count >= 1e17) return count / 1e6;
  if (count >= 1e14) return count / 1e3;
  return count >= 1e11 ? count : count * 1e3;
}

/** A title in one line of at most `maxLength` units; null where nothing is left. */
export function titleOf(value: unknown, maxLength: number): string | null {
  const text = textOf(value) ?? '';
  const line = storable(text.slice(0, 4 * maxLength))
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  if (line === '') return null;
  return line.length <= maxLength ? line : `${cutTo(line, maxLength - 1).trimEnd()}…`;
}

/** The first `most` units of a text, or one less where they would end within a character. */
export function cutTo(text: string, most: number): string {
  const head = text.slice(0, most);
  return head.isWellFormed() ? head : head.slice(0, -1);
}

/** The answer's model, where a file names it. */
export function replyBy(modelName: unknown) {
  const name = titleOf(modelName, 255);
  if (name === null) return null;
  return {
    modelName: name,
    generation: {},
    askedModel: null,
    errorCode: null,
    firstIncludedMessageId: null,
    includedCount: null,
    droppedCount: null,
    promptTokens: null,
    reusedTokens: null,
    completionTokens: null,
    timeToFirstTokenMs: null,
    tokensPerSecond: null,
    finishReason: null,
  };
}
