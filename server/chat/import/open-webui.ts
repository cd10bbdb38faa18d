import type { ConversationFormat, LeftOutMessage } from './conversation.ts';
import { contentOf, fieldsOf, idOf, listOf, replyBy, textOf, timeOf } from './source-values.ts';

/**
 * Open WebUI's export: `history.messages` is a table of messages, each with its parent, and `history.currentId` the end
 * of the branch that is shown. Newer ones wrap the conversation in `chat`.
 */
export const openWebUiFormat: ConversationFormat = {
  name: 'open-webui',
  strict: false,
  fields: [
    'id',
    'title',
    'pinned',
    'archived',
    'created_at',
    'updated_at',
    'timestamp',
    'system',
    'params',
    'history.currentId',
    'chat.id',
    'chat.title',
    'chat.timestamp',
    'chat.system',
    'chat.params',
    'chat.history.currentId',
  ],

  readHead(fields) {
    const either = (name: string) => fields.get(`chat.${name}`) ?? fields.get(name);
    const updatedAt = timeOf(fields.get('updated_at'));
    const system = textOf(fieldsOf(either('params')).system) ?? textOf(either('system'));
    return {
      sourceId: idOf(fields.get('id')) ?? idOf(fields.get('chat.id')),
      titleChosen: true,
      systemPrompt: system?.trim() ? system : null,
      // Its models are not here: the portal's own go on with the conversation.
      modelName: null,
      generation: {},
      favorite: fields.get('pinned') === true,
      archivedAt: fields.get('archived') === true ? (updatedAt ?? new Date(0)) : null,
      createdAt: timeOf(fields.get('created_at')) ?? timeOf(either('timestamp')),
      updatedAt,
      leafId: idOf(either('history.currentId')),
    };
  },

  readMessage({ key, value }, note) {
    const message = fieldsOf(value);
    const id = idOf(String(key)) ?? '';
    const parentId = idOf(message.parentId);
    const leave = (leftOut: LeftOutMessage['leftOut']): LeftOutMessage => ({ id, parentId, leftOut });
    const { role } = message;
    if (role === 'tool') return leave('tool');
    if (role !== 'user' && role !== 'assistant') return leave('hidden');
    const attached = listOf(message.files).length;
    const error = textOf(fieldsOf(message.error).content) ?? textOf(message.error);
    const failed = role === 'assistant' && (error !== null || message.error === true);
    const text = textIn(message.content);
    if (attached > 0) note('attachment');
    if (text.trim() === '' && attached === 0 && !failed) return leave('empty');
    const stopped = role === 'assistant' && message.done === false;
    return {
      id,
      parentId,
      role,
      content: contentOf(text.trim() === '' && attached > 0 ? '[attachment]' : text, note),
      status: failed ? 'failed' : stopped ? 'stopped' : 'complete',
      errorMessage: failed && error !== null ? contentOf(error, note) : null,
      rating: role === 'assistant' ? ratingOf(fieldsOf(message.annotation).rating) : null,
      pinned: false,
      cached: false,
      cacheHit: null,
      context: null,
      createdAt: timeOf(message.timestamp),
      shownAt: null,
      reply: role === 'assistant' ? replyBy(message.model ?? message.modelName) : null,
    };
  },
};

function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  return listOf(content)
    .map((part) => textOf(fieldsOf(part).text) ?? '')
    .filter((text) => text !== '')
    .join('\n\n');
}

function ratingOf(rating: unknown): 'up' | 'down' | null {
  if (rating === 1 || rating === '1') return 'up';
  return rating === -1 || rating === '-1' ? 'down' : null;
}
