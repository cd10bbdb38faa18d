import { limits } from '../input.ts';
import type { ReportNote } from './source-conversation.ts';

const sentences: Record<ReportNote, (count: number, messages: string) => string> = {
  hidden: (count, messages) => `left out ${count} hidden ${messages}`,
  tool: (count, messages) => `left out ${count} ${messages} to and from tools`,
  empty: (count, messages) => `left out ${count} ${messages} without text`,
  attachment: (count) => `left out ${count} ${count === 1 ? 'attachment' : 'attachments'}`,
  cleaned: (count) => `replaced characters that cannot be stored in ${count} ${count === 1 ? 'text' : 'texts'}`,
  cut: () => `cut the system prompt to ${limits.systemPrompt} characters`,
  duplicate: (count, messages) => `left out ${count} ${messages} with the id of another`,
  orphan: (count, messages) => `repaired ${count} ${messages} whose parent was not told or is not in the file`,
  cycle: (count) => `repaired ${count} ${count === 1 ? 'ring' : 'rings'} of messages that followed each other`,
};

/** What was left out and repaired, in one sentence; null where nothing was. */
export function describe(notes: ReadonlyMap<ReportNote, number>): string | null {
  const parts = [...notes].map(([note, count]) => sentences[note](count, count === 1 ? 'message' : 'messages'));
  if (parts.length === 0) return null;
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
