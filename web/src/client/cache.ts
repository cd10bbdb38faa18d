import { cacheExchange, type KeyGenerator, type UpdatesConfig } from '@urql/exchange-graphcache';
import { reloadThread, showMessage } from '../features/chat/thread-cache.ts';
import { DownloadParts } from '../features/models/download-documents.ts';
import { hideSession, showSession } from '../features/sessions/session-cache.ts';
import { hideTemplate, showTemplate } from '../features/templates/template-cache.ts';
import type {
  ChangesSubscription,
  CreateSessionMutation,
  CreateTemplateMutation,
  DeleteSessionMutation,
  DeleteTemplateMutation,
  EditMessageMutation,
  FollowDownloadSubscription,
  RegenerateReplyMutation,
  SelectBranchMutation,
  SendMessageMutation,
  SendMessageMutationVariables,
} from '../gql/graphql.ts';
import { readFragment } from '../gql/index.ts';

const embedded = () => null;
const byName: KeyGenerator = ({ name }) => String(name);

const updates: UpdatesConfig = {
  Mutation: {
    sendMessage({ sendMessage }: SendMessageMutation, { input }: SendMessageMutationVariables, cache) {
      showMessage(cache, input.sessionId, sendMessage.message);
      showMessage(cache, input.sessionId, sendMessage.reply);
    },
    editMessage({ editMessage: { message, reply } }: EditMessageMutation, _args, cache) {
      showMessage(cache, message.session.id, message);
      showMessage(cache, message.session.id, reply);
    },
    regenerateReply({ regenerateReply: reply }: RegenerateReplyMutation, _args, cache) {
      showMessage(cache, reply.session.id, reply);
    },
    selectBranch({ selectBranch: session }: SelectBranchMutation, _args, cache) {
      reloadThread(cache, session.id);
    },
    createSession({ createSession }: CreateSessionMutation, _args, cache) {
      showSession(cache, createSession);
    },
    deleteSession({ deleteSession }: DeleteSessionMutation, _args, cache) {
      hideSession(cache, deleteSession);
    },
    createPromptTemplate({ createPromptTemplate }: CreateTemplateMutation, _args, cache) {
      showTemplate(cache, createPromptTemplate);
    },
    deletePromptTemplate({ deletePromptTemplate }: DeleteTemplateMutation, _args, cache) {
      hideTemplate(cache, deletePromptTemplate);
    },
    // One model in memory may push out another.
    loadModel: (_result, _args, cache) => cache.invalidate('Query', 'models'),
    unloadModel: (_result, _args, cache) => cache.invalidate('Query', 'models'),
    pullModel: (_result, _args, cache) => cache.invalidate('Query', 'modelDownloads'),
  },
  Subscription: {
    modelDownload({ modelDownload }: FollowDownloadSubscription, _args, cache) {
      if (readFragment(DownloadParts, modelDownload).status !== 'COMPLETE') return;
      cache.invalidate('Query', 'models');
      cache.invalidate('Query', 'modelCatalogue');
    },
    changes({ changes: change }: ChangesSubscription, _args, cache) {
      switch (change.__typename) {
        case 'SessionChanged':
          return showSession(cache, change.session);
        case 'SessionDeleted':
          return hideSession(cache, change.sessionId);
        case 'MessageChanged': {
          const session = { __typename: 'Session', id: change.message.session.id };
          cache.invalidate(session, 'pinnedMessages');
          return showMessage(cache, session.id, change.message);
        }
      }
    },
  },
};

/**
 * The normalised cache. It knows the two abstract types instead of the whole schema: what a schema would add, answers with
 * holes, is what a page cannot tell from deleted sessions.
 */
export const createCache = () =>
  cacheExchange({
    possibleTypes: {
      ReplyEvent: ['ReplyQueued', 'ReplyPrefill', 'ReplyText', 'ReplyFinished'],
      Change: ['SessionChanged', 'SessionDeleted', 'MessageChanged'],
    },
    keys: {
      Model: byName,
      CatalogueEntry: byName,
      CacheHit: embedded,
      Receipt: embedded,
      Telemetry: embedded,
      RecentTelemetry: embedded,
      EndedReplies: embedded,
      UsageDay: embedded,
      MessageConnection: embedded,
      MessageEdge: embedded,
      SessionConnection: embedded,
      SessionEdge: embedded,
      SearchConnection: embedded,
      SearchEdge: embedded,
      PageInfo: embedded,
      Generation: embedded,
      ReplyQueued: embedded,
      ReplyPrefill: embedded,
      ReplyText: embedded,
      ReplyFinished: embedded,
      SessionChanged: embedded,
      SessionDeleted: embedded,
      MessageChanged: embedded,
    },
    updates,
  });
