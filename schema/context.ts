import DataLoader from 'dataloader';
import type { Viewer } from '../server/accounts/viewer.ts';
import type { AnswerCache } from '../server/cache/answer-cache.ts';
import type { Branches } from '../server/chat/branches.ts';
import type { Changes } from '../server/chat/changes.ts';
import type { Completions } from '../server/chat/completions.ts';
import type { Conversations } from '../server/chat/conversations.ts';
import type { Embeddings } from '../server/chat/embeddings.ts';
import type { Exports } from '../server/chat/export.ts';
import type { Imports } from '../server/chat/import/imports.ts';
import type { Message, Messages } from '../server/chat/messages.ts';
import type { ModelDownloads } from '../server/chat/model-downloads.ts';
import type { Models } from '../server/chat/models.ts';
import type { PromptTemplates } from '../server/chat/prompt-templates.ts';
import type { Replies } from '../server/chat/replies.ts';
import type { ReplyStream } from '../server/chat/reply-stream.ts';
import type { Search } from '../server/chat/search.ts';
import type { Session, Sessions } from '../server/chat/sessions.ts';
import type { StoredMessages } from '../server/chat/stored-messages.ts';
import type { Config } from '../server/config.ts';
import type { Reply } from '../server/stores/prisma/client.ts';
import type { Dependencies } from '../server/telemetry/dependencies.ts';
import type { Telemetry } from '../server/telemetry/telemetry.ts';
import type { Usage } from '../server/telemetry/usage.ts';

/** The rules that the graph and the REST facade put into words. */
export interface Rules {
  sessions: Sessions;
  messages: Messages;
  storedMessages: StoredMessages;
  branches: Branches;
  replies: Replies;
  conversations: Conversations;
  completions: Completions;
  embeddings: Embeddings;
  usage: Usage;
  replyStream: ReplyStream;
  search: Search;
  changes: Changes;
  models: Models;
  modelDownloads: ModelDownloads;
  promptTemplates: PromptTemplates;
  exports: Exports;
  imports: Imports;
  answerCache: AnswerCache;
  dependencies: Dependencies;
  telemetry: Telemetry;
  replyDefaults: Config['replies'];
}

export interface GraphContext {
  viewer: Viewer;
  rules: Rules;
  load: Loaders;
}

type LoadedRules = Pick<Rules, 'sessions' | 'messages' | 'branches'>;

export type Loaders = ReturnType<typeof createLoaders>;

/**
 * One statement for all rows of a kind that one step of an operation asks for. Nothing is remembered between steps: a
 * subscription's operation lives long.
 */
export function createLoaders(viewer: Viewer, { sessions, messages, branches }: LoadedRules) {
  const options = { cache: false } as const;
  return {
    session: new DataLoader<string, Session | null>((ids) => sessions.findMany(viewer, ids), options),
    message: new DataLoader<string, Message | null>((ids) => messages.findMany(viewer, ids), options),
    receipt: new DataLoader<string, Reply | null>((ids) => messages.receipts(ids), options),
    siblings: new DataLoader<Message, Message[]>((all) => branches.siblings(all), options),
    draft: new DataLoader<string, string | null>((ids) => messages.drafts(ids), options),
  };
}
