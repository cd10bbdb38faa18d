import type { ConversationFormat, ImportedMessage, LeftOutMessage, Note } from './conversation.ts';
import { contentOf, type Fields, fieldsOf, idOf, listOf, replyBy, textOf, timeOf } from './source-values.ts';

/** What the user never saw as a message: thoughts, custom instructions, and the like. */
const hiddenTypes = new Set(['user_editable_context', 'model_editable_context', 'thoughts', 'reasoning_recap']);

/**
 * ChatGPT's export: `mapping` is a table of nodes, each with its parent, and `current_node` the end of the branch that
 * is shown. Nodes may have no message; messages may be hidden, or be talk between the model and its tools.
 */
export const chatGptFormat: ConversationFormat = {
  name: 'chatgpt',
  strict: false,
  fields: ['title', 'create_time', 'update_time', 'current_node', 'conversation_id', 'id', 'is_archived', 'is_starred'],

  readHead(fields) {
    const updatedAt = timeOf(fields.get('update_time'));
    return {
      sourceId: idOf(fields.get('conversation_id')) ?? idOf(fields.get('id')),
      titleChosen: true,
      systemPrompt: null,
      // Its models are not here: the portal's own go on with the conversation.
      modelName: null,
      generation: {},
      favorite: fields.get('is_starred') === true,
      archivedAt: fields.get('is_archived') === true ? (updatedAt ?? new Date(0)) : null,
      createdAt: timeOf(fields.get('create_time')),
      updatedAt,
      leafId: idOf(fields.get('current_node')),
    };
  },

  readMessage({ key, value }, note) {
    const node = fieldsOf(value);
    const id = idOf(String(key)) ?? '';
    const parentId = idOf(node.parent);
    const leave = (leftOut: LeftOutMessage['leftOut']): LeftOutMessage => ({ id, parentId, leftOut });
    if (node.message === null || node.message === undefined) return leave(null);
    const message = fieldsOf(node.message);
    const metadata = fieldsOf(message.metadata);
    const content = fieldsOf(message.content);
    const role = fieldsOf(message.author).role;
    if (metadata.is_visually_hidden_from_conversation === true || role === 'system') return leave('hidden');
    if (typeof content.content_type === 'string' && hiddenTypes.has(content.content_type)) return leave('hidden');
    if (role === 'tool') return leave('tool');
    if (role !== 'user' && role !== 'assistant') return leave('hidden');
    const text = textIn(content, note);
    if (text.trim() === '') return leave('empty');
    return {
      id,
      parentId,
      role,
      content: contentOf(text, note),
      ...endOf(role, message),
      rating: null,
      pinned: false,
      cached: false,
      cacheHit: null,
      context: null,
      createdAt: timeOf(message.create_time),
      shownAt: null,
      reply: role === 'assistant' ? replyBy(metadata.model_slug) : null,
    };
  },
};

/** What of a message's content is text; of what else it holds, that it was there. */
function textIn(content: Fields, note: (note: Note) => void): string {
  if (content.content_type === 'code') {
    const language = textOf(content.language) ?? '';
    return fenced(
      textOf(content.text) ?? '',
      /^[\w+-]{1,20}$/.test(language) && language !== 'unknown' ? language : '',
    );
  }
  if (!Array.isArray(content.parts)) return textOf(content.text) ?? textOf(content.result) ?? '';
  return listOf(content.parts)
    .map((part) => {
      if (typeof part === 'string') return part;
      const spoken = textOf(fieldsOf(part).text);
      if (spoken !== null) return spoken;
      if (part === null || typeof part !== 'object') return '';
      note('attachment');
      return '[attachment]';
    })
    .filter((text) => text !== '')
    .join('\n\n');
}

/** Code as a block whose fence is longer than any in it. */
function fenced(code: string, language: string): string {
  if (code.trim() === '') return '';
  let fence = '```';
  while (code.includes(fence)) fence += '`';
  return `${fence}${language}\n${code}\n${fence}`;
}

function endOf(role: ImportedMessage['role'], message: Fields): Pick<ImportedMessage, 'status' | 'errorMessage'> {
  const status = role === 'assistant' ? message.status : null;
  if (status === 'in_progress' || status === 'finished_partial_completion') {
    return { status: 'stopped', errorMessage: null };
  }
  return { status: 'complete', errorMessage: null };
}
