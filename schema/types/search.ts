import type { Message as MessageRow } from '../../server/chat/messages.ts';
import { builder } from '../builder.ts';
import { type Connection, PageInfo, pageArgs, pageComplexity } from '../connection.ts';
import { Message, MessageRole } from './message.ts';

interface Hit {
  message: MessageRow;
  rank: number;
  snippet: string;
}

const SearchEdge = builder.objectRef<Connection<Hit>['items'][number]>('SearchEdge').implement({
  description: '`snippet` is HTML-escaped text in which the matches alone stand in <mark>.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', { description: 'Opaque: give it back as `after`.' }),
    node: t.field({ type: Message, description: 'The message that matches.', resolve: ({ item }) => item.message }),
    rank: t.float({ description: 'How well it matches; only good for comparing.', resolve: ({ item }) => item.rank }),
    snippet: t.string({ description: 'The passage that matches, as safe HTML.', resolve: ({ item }) => item.snippet }),
  }),
});

const SearchConnection = builder.objectRef<Connection<Hit>>('SearchConnection').implement({
  description: 'A page of hits, the best first.',
  fields: (t) => ({
    edges: t.field({
      type: [SearchEdge],
      complexity: { field: 1, multiplier: 1 },
      description: 'The hits.',
      resolve: (page) => page.items,
    }),
    pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
    totalCount: t.int({ description: 'Exact up to 1,000.', resolve: (page) => page.totalCount() }),
  }),
});

builder.queryField('search', (t) =>
  t.field({
    type: SearchConnection,
    complexity: pageComplexity,
    description:
      'Ranked full-text search over the viewer’s messages, all of them or one session’s. totalCount is exact up to 1,000.',
    args: {
      query: t.arg.string({ required: true, description: 'Words, "phrases", `or`, and -words that must not occur.' }),
      sessionId: t.arg.id({ description: 'Only in this conversation.' }),
      role: t.arg({ type: MessageRole, description: 'Only what people, or models, said.' }),
      pinned: t.arg.boolean({ description: 'Only pinned messages, or only others.' }),
      first: t.arg.int(pageArgs.first),
      after: t.arg.string(pageArgs.after),
    },
    resolve: async (_root, args, { viewer, rules, load }) => {
      const { hits, totalCount, hasNextPage } = await rules.search.search(viewer, args);
      const messages = await load.message.loadMany(hits.map((hit) => hit.messageId));
      const items = hits.flatMap(({ cursor, rank, snippet }, index) => {
        const message = messages[index];
        return message && 'id' in message ? [{ cursor, item: { message, rank, snippet } }] : [];
      });
      return { items, hasNextPage, hasPreviousPage: Boolean(args.after), totalCount: async () => totalCount };
    },
  }),
);
