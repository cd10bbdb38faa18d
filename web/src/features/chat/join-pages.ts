/** A page of a thread, with the argument that it was asked with. */
export interface LoadedPage<Edge> {
  before: string | null;
  edges: readonly Edge[];
  startCursor: string | null;
}

interface Edge {
  cursor: string;
  node: { id: string };
}

/**
 * The messages of neighbouring pages, oldest first, each once. A page that was asked for before a cursor which its later
 * neighbour no longer begins with would leave a hole: it is left out with all before it, and is loaded again by scrolling.
 */
export function joinPages<Item extends Edge>(
  pages: readonly LoadedPage<Item>[],
): { items: Item[]; startCursor: string | null } {
  let items: Item[] = [];
  let startCursor: string | null = null;
  for (const page of pages.toReversed()) {
    const known = new Set(items.map(({ node }) => node.id));
    const joins =
      page.before === null || page.before === startCursor || items.some(({ cursor }) => cursor === page.before);
    if (items.length > 0 && !joins) break;
    items = [...page.edges.filter(({ node }) => !known.has(node.id)), ...items];
    startCursor = page.startCursor ?? startCursor;
  }
  return { items, startCursor };
}
