import {
  type ASTNode,
  BREAK,
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  Kind,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Of a context: the operation's results may be those of others who ask the same of the same event. */
export interface SharesEvents {
  sharesEvents?: boolean;
}

/**
 * The many readers of one reply are given the very same object for each piece of its text. What a document makes of it is made once, and spelled
 * once: with hundreds of readers that is most of what a piece costs. Only texts are shared: all they are made of is in them.
 */
const made = new WeakMap<object, WeakMap<DocumentNode, ExecutionResult>>();
const spelled = new WeakMap<ExecutionResult, string>();
const dependent = new WeakMap<DocumentNode, boolean>();

/** The result as JSON; null where it is not shared. */
export function spellingOf(result: ExecutionResult): string | null {
  return spelled.get(result) ?? null;
}

/** Subscriptions whose transport says so are run with shared results; they are the same in all else. */
export const sharedEvents: Plugin<SharesEvents> = {
  onSubscribe: ({ args, setSubscribeFn }) => {
    if (args.contextValue.sharesEvents) setSubscribeFn(subscribe);
  },
};

/** As `subscribe` of graphql-js (GraphQL specification, 6.2.3.2). */
async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | Results> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const results: Results = {
    async next() {
      const event = await events.next();
      return event.done ? event : { value: await resultOf(args, event.value), done: false };
    },
    async return() {
      await events.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

type Results = AsyncIterableIterator<ExecutionResult>;

function resultOf(args: ExecutionArgs, event: unknown): ExecutionResult | Promise<ExecutionResult> {
  const run = () => execute({ ...args, rootValue: event });
  if (!isText(event) || dependsOnMore(args)) return run();
  const results = made.get(event) ?? new WeakMap<DocumentNode, ExecutionResult>();
  made.set(event, results);
  const known = results.get(args.document);
  if (known !== undefined) return known;
  const result = run();
  if (result instanceof Promise || result.errors !== undefined) return result;
  results.set(args.document, result);
  spelled.set(result, JSON.stringify(result));
  return result;
}

function isText(event: unknown): event is object {
  return typeof event === 'object' && event !== null && 'type' in event && event.type === 'text';
}

/** Whether a document makes different things of one event: by variables beneath its one field, or by another operation in it. */
function dependsOnMore({ document }: ExecutionArgs): boolean {
  const known = dependent.get(document);
  if (known !== undefined) return known;
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const fields = operations.flatMap(({ selectionSet }) => selectionSet.selections);
  const [field] = fields;
  const plain =
    operations.length === 1 && fields.length === 1 && field?.kind === Kind.FIELD && !field.directives?.length;
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  const depends = !plain || [field.selectionSet, ...fragments].some((part) => part !== undefined && hasVariables(part));
  dependent.set(document, depends);
  return depends;
}

function hasVariables(part: ASTNode): boolean {
  let found = false;
  visit(part, {
    enter: ({ kind }) => {
      if (kind !== Kind.VARIABLE) return undefined;
      found = true;
      return BREAK;
    },
  });
  return found;
}
