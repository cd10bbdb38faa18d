import { notFound } from '../../server/chat/input.ts';
import type { Message as MessageRow } from '../../server/chat/messages.ts';
import type { Session as SessionRow } from '../../server/chat/sessions.ts';
import { builder } from '../builder.ts';
import { untilReturn } from '../until-return.ts';
import { Message } from './message.ts';
import { Session } from './session-ref.ts';

const SessionChanged = builder.objectRef<{ session: SessionRow }>('SessionChanged').implement({
  description: 'A conversation is new, or not as it was.',
  fields: (t) => ({
    session: t.field({ type: Session, description: 'As it is now.', resolve: (change) => change.session }),
  }),
});

const SessionDeleted = builder.objectRef<{ sessionId: string }>('SessionDeleted').implement({
  description: 'A conversation is gone.',
  fields: (t) => ({ sessionId: t.exposeID('sessionId', { description: 'The one that is gone.' }) }),
});

const MessageChanged = builder.objectRef<{ message: MessageRow }>('MessageChanged').implement({
  description: 'A message is new, or not as it was.',
  fields: (t) => ({
    message: t.field({ type: Message, description: 'As it is now.', resolve: (change) => change.message }),
  }),
});

const Change = builder.unionType('Change', {
  description: 'Something of the viewer’s that is not as it was.',
  types: [SessionChanged, SessionDeleted, MessageChanged],
  resolveType: (change) => {
    if ('session' in change) return 'SessionChanged';
    return 'message' in change ? 'MessageChanged' : 'SessionDeleted';
  },
});

builder.subscriptionField('changes', (t) =>
  t.field({
    type: Change,
    description:
      'Changes to the viewer’s sessions and messages made anywhere: other tabs, other devices, REST clients.',
    args: { sessionId: t.arg.id({ description: 'Only those of this conversation.' }) },
    subscribe: async (_root, { sessionId }, { viewer, rules, load }) => {
      const only = sessionId == null ? null : await rules.sessions.find(viewer, sessionId);
      if (sessionId != null && only === null) throw notFound('session');
      return untilReturn(async function* (signal) {
        for await (const change of rules.changes.follow(viewer, only?.id ?? null, signal)) {
          if (change.type === 'session-deleted') {
            yield { sessionId: change.sessionId };
          } else if (change.type === 'session') {
            const session = await load.session.load(change.sessionId);
            if (session !== null) yield { session };
          } else {
            const message = await load.message.load(change.messageId);
            if (message !== null) yield { message };
          }
        }
      });
    },
    resolve: (change) => change,
  }),
);
