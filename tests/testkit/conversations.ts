import { arrange } from '../../server/chat/import/arrange.ts';
import { ConversationRefused, type ImportedHead, type ImportedMessage } from '../../server/chat/import/conversation.ts';
import { readConversations } from '../../server/chat/import/read-conversations.ts';
import { describe } from '../../server/chat/import/report.ts';

/** A conversation as an import would store it. */
export interface TakenConversation {
  format: string | null;
  head: ImportedHead | null;
  title: string | null;
  /** Why it is refused; null where it is taken over. */
  refused: string | null;
  /** What was left out and repaired. */
  notes: string | null;
  messages: TakenMessage[];
  /** The texts of the branch that is shown. */
  shown: string[];
}

export interface TakenMessage extends Omit<ImportedMessage, 'id' | 'parentId' | 'createdAt'> {
  /** The text of the message that it follows. */
  after: string | null;
  depth: number;
  createdAt: Date;
}

const importedAt = new Date('2026-11-21T12:00:00Z');

/** What would become of the conversations of a file: a text, or a value to be written as JSON. */
export async function takeOver(file: unknown): Promise<TakenConversation[]> {
  const bytes = Buffer.from(typeof file === 'string' ? file : JSON.stringify(file));
  const taken: TakenConversation[] = [];
  const signal = new AbortController().signal;
  for await (const source of readConversations(pieces(bytes), { validate: false, signal })) {
    const { format, head, title } = source;
    const conversation: TakenConversation = {
      format: format?.name ?? null,
      head,
      title,
      refused: source.refused,
      notes: null,
      messages: [],
      shown: [],
    };
    taken.push(conversation);
    if (source.refused !== null || format === null) continue;
    try {
      const { messages } = arrange(source, crypto.randomUUID(), importedAt);
      const texts = new Map<string, string>();
      for (const placed of messages) {
        const { start, length, key } = placed.element;
        const value: unknown = JSON.parse(bytes.subarray(start, start + length).toString());
        const message = format.readMessage({ key, value }, () => {});
        if ('leftOut' in message) throw new Error('left out, and yet placed');
        const { id: _, parentId: __, ...rest } = message;
        const after = placed.parentId === null ? null : (texts.get(placed.parentId) ?? null);
        texts.set(placed.id, message.content);
        conversation.messages.push({ ...rest, after, depth: placed.depth, createdAt: placed.createdAt });
        if (placed.active) conversation.shown.push(message.content);
      }
    } catch (error) {
      if (!(error instanceof ConversationRefused)) throw error;
      conversation.refused = error.message;
    }
    conversation.notes = describe(source.notes);
  }
  return taken;
}

/** The only conversation of a file. */
export async function takeOverOne(file: unknown): Promise<TakenConversation> {
  const [conversation, ...others] = await takeOver(file);
  if (conversation === undefined || others.length > 0) throw new Error('not one conversation');
  return conversation;
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000);
}
