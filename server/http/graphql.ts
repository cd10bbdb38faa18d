import { EnvelopArmor } from '@escape.tech/graphql-armor';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLErrorOptions,
  type GraphQLSchema,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type SelectionSetNode,
} from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { createLoaders, type GraphContext, type Rules } from '../../schema/context.ts';
import type { Viewer } from '../accounts/viewer.ts';
import { invalidInput } from '../chat/input.ts';
import { PortalError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { currentRequestId, noteOnRequest } from '../request-scope.ts';
import { statusOf, toGraphQLError, toPortalError } from './errors.ts';
import type { OpenStreams } from './open-streams.ts';
import { sharedEvents } from './shared-events.ts';

/** What a transport knows about an operation before it runs. */
export interface Caller extends Record<string, unknown> {
  viewer: Viewer;
  rules: Rules;
}

export type Graph = ReturnType<typeof createGraph>;

interface Options {
  schema: GraphQLSchema;
  production: boolean;
  graphiql: boolean;
  logger: Logger;
}

/** What one operation may cost; none of it is told to whoever goes beyond. */
const limits = {
  maxDepth: { n: 12 },
  maxAliases: { n: 15 },
  maxTokens: { n: 1000 },
  maxDirectives: { n: 20 },
} as const;

/** Extensions of errors that the limits raised. */
const tooLarge = new WeakSet<object>();
const refusal = {
  exposeLimits: false,
  errorMessage: 'the operation is too large (depth, fields, aliases, directives and length are limited).',
  onReject: [
    (_context: unknown, { extensions }: GraphQLError) => {
      Object.assign(extensions, { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } });
      tooLarge.add(extensions);
    },
  ],
};

/** One pipeline for HTTP, SSE and WebSocket: the same limits, masks and context hold on each. */
export function createGraph({ schema, production, graphiql, logger }: Options) {
  const armor = new EnvelopArmor({
    maxDepth: { ...limits.maxDepth, ...refusal },
    maxAliases: { ...limits.maxAliases, ...refusal },
    maxTokens: { ...limits.maxTokens, ...refusal },
    maxDirectives: { ...limits.maxDirectives, ...refusal },
    // What an operation costs is counted where its variables are known: schema/builder.ts.
    costLimit: { enabled: false },
    blockFieldSuggestion: { enabled: production },
  }).protect();

  return createYoga<Caller, GraphContext>({
    schema,
    cors: false,
    landingPage: false,
    multipart: false,
    batching: false,
    graphiql: graphiql && { title: 'PocketLLM Portal', subscriptionsProtocol: 'WS' },
    renderGraphiQL,
    logging: false,
    maskedErrors: {
      maskError: (error) => maskError(error, logger),
    },
    context: ({ viewer, rules }) => ({ viewer, rules, load: createLoaders(viewer, rules) }),
    plugins: [
      ...armor.plugins,
      namedOperations,
      subscriptionsByPost,
      sharedEvents,
      closedCodes,
      ...(production ? [hideSchema] : []),
    ],
  });
}

/**
 * Yoga's own words for a request that is no operation become ours, and what the limits refuse is 400 in every format
 * (the GraphQL-over-HTTP draft would make it 200 for a client that asks for `application/json`).
 */
const closedCodes: Plugin = {
  onResultProcess: ({ result }) => {
    if (!('errors' in result)) return;
    for (const { extensions, originalError, path } of result.errors ?? []) {
      const atRoot = path === undefined || path.length === 1;
      if (extensions?.code === 'DEPENDENCY_UNAVAILABLE' && atRoot) extensions.http = awayNow(originalError);
      if (String(extensions?.code).startsWith('GRAPHQL_')) noteOnRequest({ code: 'invalid_input' });
      if (isRecord(extensions?.http) && extensions.http.status === 405) extensions.code = 'METHOD_NOT_ALLOWED';
      delete extensions?.originalError;
      if (extensions?.code === 'BAD_REQUEST' || extensions?.code === 'OPERATION_RESOLUTION_FAILURE') {
        extensions.code = 'INVALID_INPUT';
        if (isRecord(extensions.http)) extensions.http.spec = false;
      }
      if (extensions?.http && tooLarge.has(extensions)) extensions.http.spec = false;
    }
  },
};

/** What is away says so in the status too, so that clients and proxies try again; not of what a mutation answers, which took effect. */
function awayNow(cause: unknown): { status: number; headers: Record<string, string> } {
  const { retryAfterSeconds } = cause instanceof PortalError ? cause.details : {};
  return {
    status: statusOf.dependency_unavailable,
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': `${retryAfterSeconds}` },
  };
}

/** The line of the log names an operation by what it asks for. */
const namedOperations: Plugin = {
  onExecute: ({ args }) => noteOperation(args.document, args.operationName),
  onSubscribe: ({ args }) => noteOperation(args.document, args.operationName),
};

function noteOperation(document: DocumentNode, operationName: string | null | undefined): void {
  const operation = getOperationAST(document, operationName);
  if (!operation) return;
  const fields = new Set(rootFields(document, operation.selectionSet));
  noteOnRequest({ operation: `${operation.operation} ${[...fields].join(', ')}` });
}

/** Fragments of a document that was validated do not contain themselves. */
function rootFields(document: DocumentNode, { selections }: SelectionSetNode): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === 'Field') return [selection.name.value];
    if (selection.kind === 'InlineFragment') return rootFields(document, selection.selectionSet);
    const fragment = document.definitions.find(
      (definition) => definition.kind === 'FragmentDefinition' && definition.name.value === selection.name.value,
    );
    return fragment?.kind === 'FragmentDefinition' ? rootFields(document, fragment.selectionSet) : [];
  });
}

/** A page of another site can make a browser GET: nothing that stays open is given to it. */
const subscriptionsByPost: Plugin = {
  onSubscribe: ({ args }) => {
    const { request } = args.contextValue as { request?: Request };
    if (request?.method !== 'GET') return;
    throw new GraphQLError('Subscriptions are asked for by POST.', {
      extensions: { code: 'METHOD_NOT_ALLOWED', http: { status: 405, headers: { allow: 'POST' } } },
    });
  },
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const hideSchema: Plugin = {
  onValidate: ({ addValidationRule }) => addValidationRule(NoSchemaIntrospectionCustomRule),
};

/** Expected errors keep their words, and what breaks the input's types gets its code; the rest is masked and logged. */
function maskError(error: unknown, logger: Logger): GraphQLError {
  const cause = causeOf(error);
  if (cause === null && error instanceof GraphQLError) {
    if (error.extensions.code !== undefined || error.nodes === undefined) return error;
    noteOnRequest({ code: 'invalid_input' });
    const extensions = { ...error.extensions, code: 'INVALID_INPUT' };
    return new GraphQLError(error.message, { ...placeOf(error), extensions });
  }
  const requestId = currentRequestId();
  const expected = toPortalError(cause, requestId);
  noteOnRequest({ code: expected.code });
  if (expected.code === 'internal') {
    logger.error({ err: cause }, 'unexpected error in an operation');
  }
  const masked = toGraphQLError(expected, requestId);
  if (!(error instanceof GraphQLError)) return masked;
  return new GraphQLError(masked.message, {
    ...placeOf(error),
    originalError: expected,
    extensions: masked.extensions,
  });
}

/** What a resolver threw; null where GraphQL itself raised the error. */
function causeOf(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError) current = current.originalError ?? null;
  return current;
}

/** Where in the operation an error happened, in the form that its constructor takes. */
export function placeOf({ nodes, source, positions, path }: GraphQLError): GraphQLErrorOptions {
  return { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null };
}

interface RouteOptions {
  graph: Graph;
  /** Who asks, by what is known without the database. */
  caller: (request: FastifyRequest) => Promise<Caller>;
  /** The same, once the database has answered. */
  knownCaller: (request: FastifyRequest) => Promise<Caller>;
  streams: OpenStreams;
}

/** `/graphql` over HTTP: queries by GET and POST, mutations by POST, subscriptions by POST as server-sent events. */
export function registerGraphQL(app: FastifyInstance, { graph, caller, knownCaller, streams }: RouteOptions): void {
  app.route({
    method: ['PUT', 'PATCH', 'DELETE'],
    url: '/graphql',
    handler: async (_request, reply) => {
      reply.header('allow', 'GET, POST');
      throw new PortalError('method_not_allowed', 'GraphQL is asked by GET or POST.');
    },
  });

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request, reply) => {
      const { accept = '' } = request.headers;
      if (request.method === 'GET' && accept.includes('text/event-stream')) {
        throw new PortalError('method_not_allowed', 'Server-sent events are asked for by POST.');
      }
      if (request.method === 'GET') refuseBrokenJson(request);
      const streamed = accept.includes('text/event-stream');
      const from = await (streamed ? knownCaller(request) : caller(request));
      if (streamed) streams.count(from.viewer, reply.raw);
      const response = await graph.handleNodeRequestAndResponse(request, reply, from);
      if (response.status === 406 || response.status === 415) {
        throw new PortalError('unsupported_media_type', 'GraphQL is asked, and answers, in JSON.');
      }
      for (const [name, value] of response.headers) reply.header(name, value);
      if (response.headers.get('content-type')?.includes('text/html')) {
        reply.header('content-security-policy', graphiqlPolicy);
      }
      // What is known to its end goes at once: a stream would cost more than all else of a short answer.
      const whole = /json|html/.test(response.headers.get('content-type') ?? '');
      return reply.status(response.status).send(whole ? await response.text() : response.body);
    },
  });
}

/** What a query string holds as JSON must be that. Throws `invalid_input`. */
function refuseBrokenJson({ query }: FastifyRequest): void {
  const given = query as Record<string, unknown>;
  for (const name of ['variables', 'extensions']) {
    try {
      if (typeof given[name] === 'string') JSON.parse(given[name]);
    } catch {
      throw invalidInput([{ path: name, message: 'is not JSON' }]);
    }
  }
}

/** GraphiQL's page carries its scripts in itself. */
const graphiqlPolicy =
  "default-src 'self' 'unsafe-inline' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob: data:; " +
  "connect-src 'self' ws: wss:; frame-ancestors 'none'";
