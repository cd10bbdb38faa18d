import { type Page, type PageArgs, pageSize } from '../server/chat/pages.ts';
import { builder } from './builder.ts';

/** A page, and a count that costs a statement only where it is asked for. */
export type Connection<Item> = Page<Item> & { totalCount: () => Promise<number> };

export const PageInfo = builder.objectRef<Page<unknown>>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'True when more follows after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'True when something stands before this page.',
    }),
    startCursor: t.string({
      nullable: true,
      description: 'The cursor of the first edge.',
      resolve: (page) => page.items[0]?.cursor ?? null,
    }),
    endCursor: t.string({
      nullable: true,
      description: 'The cursor of the last edge.',
      resolve: (page) => page.items.at(-1)?.cursor ?? null,
    }),
  }),
});

type NodeRef<Item> = ReturnType<typeof builder.objectRef<Item>>;

/** Relay's connection and edge of a node type. Edges and nodes are never null. */
export function connectionOf<Item extends object>(name: string, node: NodeRef<Item>) {
  const Edge = builder.objectRef<Page<Item>['items'][number]>(`${name}Edge`).implement({
    description: `A ${name.toLowerCase()} and its place in the list.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Opaque: give it back as `after` or `before`.' }),
      node: t.field({ type: node, description: `The ${name.toLowerCase()}.`, resolve: (edge) => edge.item as never }),
    }),
  });
  return builder.objectRef<Connection<Item>>(`${name}Connection`).implement({
    description: `A page of a list (${name}).`,
    fields: (t) => ({
      edges: t.field({
        type: [Edge],
        complexity: { field: 1, multiplier: 1 },
        description: 'In the order of the list.',
        resolve: (page) => page.items,
      }),
      pageInfo: t.field({ type: PageInfo, description: 'Where this page stands.', resolve: (page) => page }),
      totalCount: t.int({ description: 'How many the whole list has.', resolve: (page) => page.totalCount() }),
    }),
  });
}

/** What a page costs: a statement, and everything below it as often as it has edges. */
export function pageComplexity({ first, last }: Pick<PageArgs, 'first' | 'last'>) {
  return { field: 20, multiplier: Math.max(1, first ?? last ?? pageSize.default) };
}

/** Relay's arguments of a list. */
export const pageArgs = {
  first: { description: 'How many from the start (or after `after`): 1 to 100, by default 20.' },
  after: { description: 'Only what stands after this cursor.' },
  last: { description: 'How many from the end (or before `before`): 1 to 100.' },
  before: { description: 'Only what stands before this cursor.' },
} as const;
