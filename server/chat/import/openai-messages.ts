import type { ConversationFormat, LeftOutMessage, Note } from './conversation.ts';
import { ConversationRefused } from './conversation.ts';
import { contentOf, fieldsOf, listOf, replyBy, textOf, timeOf } from './source-values.ts';

/**
 * The messages of a request to OpenAI's chat completions, and of files for fine-tuning: a list without ids, each message
 * following the one before. What its system says becomes the conversation's system prompt.
 */
export const openAiMessagesFormat: ConversationFormat = {
  name: 'openai',
  strict: false,
  fields: ['title', 'created'],

  readHead(fields) {
    return {
      sourceId: null,
      titleChosen: true,
      systemPrompt: null,
      modelName: null,
      generation: {},
      favorite: false,
      archivedAt: null,
      createdAt: timeOf(fields.get('created')),
      updatedAt: null,
      leafId: null,
    };
  },

  readMessage({ key, value }, note) {
    const place = Number(key);
    const message = fieldsOf(value);
    const id = String(place);
    const parentId = place === 0 ? null : String(place - 1);
    const leave = (leftOut: LeftOutMessage['leftOut']): LeftOutMessage => ({ id, parentId, leftOut });
    const text = textIn(message.content, note);
    const { role } = message;
    if (role === 'system' || role === 'developer') {
      return { ...leave(null), ...(text.trim() !== '' && { systemPrompt: text }) };
    }
    if (role === 'tool' || role === 'function') return leave('tool');
    if (role !== 'user' && role !== 'assistant') {
      throw new ConversationRefused(`Message ${place + 1} has no role that is known.`);
    }
    if (text.trim() === '') return leave(message.tool_calls === undefined ? 'empty' : 'tool');
    return {
      id,
      parentId,
      role,
      content: contentOf(text, note),
      status: 'complete',
      errorMessage: null,
      rating: null,
      pinned: false,
      cached: false,
      cacheHit: null,
      context: null,
      createdAt: null,
      shownAt: null,
      reply: role === 'assistant' ? replyBy(message.model) : null,
    };
  },
};

function textIn(content: unknown, note: (note: Note) => void): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => {
      const text = textOf(part) ?? textOf(fieldsOf(part).text) ?? textOf(fieldsOf(part).refusal);
      if (text === null && Object.keys(fieldsOf(part)).length > 0) note('attachment');
      return text ?? '';
    })
    .filter((text) => text !== '')
    .join('\n\n');
}
