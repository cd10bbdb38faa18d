import { v5 as uuid } from 'uuid';
import { ConversationRefused } from './conversation.ts';
import type { ReportNote, SourceConversation, SourceElement } from './source-conversation.ts';
import { latestTime } from './source-values.ts';

/** A message in its place, without its text. */
export interface PlacedMessage {
  id: string;
  parentId: string | null;
  depth: number;
  active: boolean;
  createdAt: Date;
  shownAt: Date;
  element: SourceElement;
}

export interface Arrangement {
  /** Parents before their children. */
  messages: PlacedMessage[];
  createdAt: Date;
  updatedAt: Date;
  /** The message's new id by its id in the file; null where it is not taken over. */
  newId(sourceId: string): string | null;
}

interface Node {
  element: SourceElement;
  order: number;
  parent: Node | null;
  children: Node[];
  depth: number;
  time: number;
}

/** The id that a conversation has for its owner: UUIDv5 (RFC 9562) of the owner's id and the file's. */
export function sessionIdOf(userId: string, sourceId: string): string {
  return uuid(sourceId, bytesOf(userId));
}

/**
 * Puts the messages of a conversation into the portal's tree: each under its nearest kept ancestor, none its own ancestor,
 * one branch shown. What does not fit is repaired and noted, or refused where the format is strict. Throws
 * ConversationRefused.
 */
export function arrange(source: SourceConversation, sessionId: string, now: Date): Arrangement {
  const { notes } = source;
  const strict = source.format?.strict ?? true;
  const namespace = bytesOf(sessionId);

  function repair(what: ReportNote, refusal: string): void {
    if (strict) throw new ConversationRefused(refusal);
    notes.set(what, (notes.get(what) ?? 0) + 1);
  }

  const nodes = nodesById(source.elements, () => repair('duplicate', 'Two messages have one id.'));
  const kept = [...nodes.values()].filter(({ element }) => element.kept);
  link(nodes, source.listedBy, repair);
  for (const node of kept) node.parent?.children.push(node);
  const ordered = walkDown(kept.filter((node) => node.parent === null));
  const created = source.head?.createdAt ?? firstTime(kept) ?? now;
  setTimes(ordered, created, strict);
  const leaf = leafOf(source.head?.leafId ?? null, nodes, kept, strict);
  const shown = new Set<Node>();
  for (let node = leaf; node !== null; node = node.parent) shown.add(node);
  const latest = ordered.reduce((time, node) => Math.max(time, node.time), created.getTime());
  const newIds = new Map(kept.map((node) => [node, uuid(node.element.id, namespace)]));
  const updatedAt = source.head?.updatedAt ?? new Date(latest);

  return {
    createdAt: created,
    updatedAt,
    newId(sourceId) {
      const node = nodes.get(sourceId);
      return (node && newIds.get(node)) ?? null;
    },
    messages: ordered.map((node) => ({
      id: newIds.get(node) ?? '',
      parentId: (node.parent && newIds.get(node.parent)) ?? null,
      depth: node.depth,
      active: shown.has(node),
      createdAt: new Date(node.time),
      shownAt: node.element.shownAt ?? new Date(node === leaf ? Math.max(latest, updatedAt.getTime()) : node.time),
      element: node.element,
    })),
  };
}

function nodesById(elements: readonly SourceElement[], onDuplicate: () => void): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const [order, element] of elements.entries()) {
    if (nodes.has(element.id)) onDuplicate();
    else nodes.set(element.id, { element, order, parent: null, children: [], depth: 0, time: 0 });
  }
  return nodes;
}

/** Gives each node its nearest kept ancestor for a parent; what hangs nowhere, or in a ring, begins a branch of its own. */
function link(
  nodes: ReadonlyMap<string, Node>,
  listedBy: ReadonlyMap<string, string>,
  repair: (what: ReportNote, refusal: string) => void,
): void {
  const parents = new Map<Node, Node | null>();
  for (const node of nodes.values()) parents.set(node, statedParent(node, nodes, listedBy, repair));
  breakRings(parents, () => repair('cycle', 'A message is its own ancestor.'));
  const resolved = new Map<Node, Node | null>();
  for (const start of nodes.values()) {
    const passed: Node[] = [];
    let node: Node | null = start;
    while (node !== null && !resolved.has(node)) {
      passed.push(node);
      node = parents.get(node) ?? null;
    }
    // What the nodes that were passed see above them, from the top down.
    for (const below of passed.reverse()) {
      const above = parents.get(below) ?? null;
      resolved.set(below, above === null || above.element.kept ? above : (resolved.get(above) ?? null));
    }
  }
  for (const [node, parent] of resolved) if (node.element.kept) node.parent = parent;
}

function statedParent(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  listedBy: ReadonlyMap<string, string>,
  repair: (what: ReportNote, refusal: string) => void,
): Node | null {
  const { id, parentId } = node.element;
  const stated = parentId === null ? undefined : nodes.get(parentId);
  if (stated !== undefined) return stated;
  const lister = nodes.get(listedBy.get(id) ?? '') ?? null;
  if (parentId === null && lister === null) return null;
  repair('orphan', 'A message follows one that is not in the file.');
  return lister;
}

function breakRings(parents: Map<Node, Node | null>, onRing: () => void): void {
  const done = new Set<Node>();
  for (const start of parents.keys()) {
    const passed = new Set<Node>();
    let node: Node | null = start;
    while (node !== null && !done.has(node) && !passed.has(node)) {
      passed.add(node);
      node = parents.get(node) ?? null;
    }
    if (node !== null && passed.has(node)) {
      onRing();
      parents.set(firstOfRing(node, parents), null);
    }
    for (const each of passed) done.add(each);
  }
}

/** Of a ring, the node that comes first in the file. */
function firstOfRing(member: Node, parents: ReadonlyMap<Node, Node | null>): Node {
  let first = member;
  for (let node = parents.get(member) ?? null; node !== null && node !== member; node = parents.get(node) ?? null) {
    if (node.order < first.order) first = node;
  }
  return first;
}

/** Level by level, with their depths. */
function walkDown(roots: readonly Node[]): Node[] {
  const ordered: Node[] = [];
  for (let level = roots, depth = 0; level.length > 0; depth++) {
    for (const node of level) node.depth = depth;
    ordered.push(...level);
    level = level.flatMap((node) => node.children);
  }
  return ordered;
}

function firstTime(nodes: readonly Node[]): Date | null {
  const times = nodes.flatMap(({ element }) => (element.createdAt === null ? [] : [element.createdAt.getTime()]));
  return times.length === 0 ? null : new Date(times.reduce((least, time) => Math.min(least, time)));
}

/**
 * Times of the file, kept as they are where it is the portal's. Others leave them out, or count in seconds: none is then
 * before its parent's, and alternatives that share one follow each other by a millisecond, in the order of the file.
 */
function setTimes(ordered: readonly Node[], created: Date, strict: boolean): void {
  const free = new Map<Node | null, Map<number, number>>();
  for (const node of ordered) {
    const stated = node.element.createdAt?.getTime() ?? node.parent?.time ?? created.getTime();
    if (strict) {
      node.time = stated;
      continue;
    }
    const nextFree = free.get(node.parent) ?? new Map<number, number>();
    free.set(node.parent, nextFree);
    const wanted = Math.max(stated, node.parent?.time ?? 0);
    let time = wanted;
    for (let next = nextFree.get(time); next !== undefined; next = nextFree.get(time)) time = next;
    node.time = Math.min(time, latestTime.getTime());
    nextFree.set(wanted, time + 1).set(time, time + 1);
  }
}

/** The end of the branch that is shown: the file's, else the newest message; then down to where nothing follows. */
function leafOf(
  leafId: string | null,
  nodes: ReadonlyMap<string, Node>,
  kept: readonly Node[],
  strict: boolean,
): Node | null {
  const stated = leafId === null ? undefined : nodes.get(leafId);
  let leaf = stated?.element.kept ? stated : (stated && keptAbove(stated, nodes)) || newest(kept);
  while (leaf !== null && leaf.children.length > 0 && !(strict && leaf === stated)) leaf = newest(leaf.children);
  return leaf;
}

function keptAbove(node: Node, nodes: ReadonlyMap<string, Node>): Node | null {
  const passed = new Set<Node>();
  let above: Node | undefined = node;
  while (above !== undefined && !above.element.kept && !passed.has(above)) {
    passed.add(above);
    above = nodes.get(above.element.parentId ?? '');
  }
  return above?.element.kept ? above : null;
}

function newest(nodes: readonly Node[]): Node | null {
  return nodes.reduce<Node | null>((best, node) => (best === null || node.time >= best.time ? node : best), null);
}

function bytesOf(id: string): Uint8Array {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}
