import type { Session } from '../stores/prisma/client.ts';
import type { StoredMessage } from './export-json.ts';
import { exportedMessageOf } from './export-json.ts';

/** The head of a conversation as Markdown: title, times, model, system prompt. */
export function markdownOfSession(session: Session, onOtherBranches: number): string {
  const facts = [
    `Begun ${timeOf(session.createdAt)}, last changed ${timeOf(session.updatedAt)}.`,
    ...(session.modelName === null ? [] : [`Model: ${escaped(session.modelName)}.`]),
    ...(onOtherBranches === 0 ? [] : [`${onOtherBranches} more on other branches, which the JSON export holds too.`]),
  ];
  const systemPrompt = session.systemPrompt === null ? '' : `${quoted(session.systemPrompt)}\n\n`;
  return `# ${escaped(session.title)}\n\n${facts.join(' ')}\n\n${systemPrompt}`;
}

/** A message as a section. Its text is Markdown already and stays as it is. */
export function markdownOfMessage(message: StoredMessage): string {
  const { content, status } = exportedMessageOf(message);
  const who = message.role === 'user' ? 'User' : 'Assistant';
  const facts = [
    timeOf(message.createdAt),
    ...(message.reply?.modelName ? [escaped(message.reply.modelName)] : []),
    ...(status === 'complete' ? [] : [status.replace('_', ' ')]),
    ...(message.pinned ? ['pinned'] : []),
    ...(message.rating === null ? [] : [`rated ${message.rating}`]),
  ];
  const error = message.errorMessage === null ? '' : `${quoted(message.errorMessage)}\n\n`;
  return `## ${who}\n\n_${facts.join(' · ')}_\n\n${content === '' ? '' : `${content}\n\n`}${error}`;
}

function timeOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function quoted(text: string): string {
  return text.replaceAll(/^/gm, '> ');
}

/** Text as Markdown that means nothing but itself. */
function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]()<>#+\-.!|~&]/g, '\\$&');
}
