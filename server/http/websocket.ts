import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, getOperationAST } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type SubscribePayload } from 'graphql-ws';
import { useServer as attachProtocol } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';
import { PortalError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { createRequestScope, noteOnRequest, type RequestScope, requestScope } from '../request-scope.ts';
import { statusOf, toGraphQLError, toPortalError } from './errors.ts';
import { type Caller, type Graph, placeOf } from './graphql.ts';
import type { Guard } from './guard.ts';
import type { RequestLog } from './request-log.ts';
import { isAsyncIterable, sentAsSpelled } from './spelled-frames.ts';
import { type OperationTrace, traceOperation } from './traced-requests.ts';

interface Options {
  graph: Graph;
  guard: Guard;
  caller: (request: IncomingMessage) => Promise<Caller>;
  maxSocketsPerUser: number;
  maxSubscriptionsPerSocket: number;
  requestLog: RequestLog;
  logger: Logger;
}

/** An operation under way. */
interface Operation {
  scope: RequestScope;
  trace: OperationTrace;
  startedAt: number;
}

function beginOperation(extensions?: unknown): Operation {
  const scope = createRequestScope(crypto.randomUUID());
  return { scope, trace: traceOperation(scope.id, extensions), startedAt: performance.now() };
}

/** Everything of an operation runs under its ids. */
function within<Result>({ scope, trace }: Operation, work: () => Result): Result {
  return trace.run(() => requestScope.run(scope, work));
}

/** How the log names this door. */
const endpoint = 'WS /graphql';
/** What HTTP says to an operation that is none. */
const refusedStatus = 400;

/** Close code of a socket too many, in graphql-ws' own style (4429 is its «too many initialisation requests»). */
const tooMany = 4429;
/** Of RFC 6455's registry: the server cannot answer now. */
const tryAgainLater = 1013;
const maxFrameBytes = 1024 * 1024;
const lingerMs = 5_000;

export interface WebSockets {
  /** Sends every client away with 1001; who does not go within 5 s is cut off. */
  close(): Promise<void>;
}

/** The graphql-transport-ws protocol on `/graphql`, through the same pipeline as HTTP. */
export function serveWebSockets(server: Server, options: Options): WebSockets {
  const { graph, guard, caller, requestLog, logger } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  const perUser = new Map<string, number>();
  /** Those of each socket, by the ids that its client gave them. */
  const operations = new WeakMap<WebSocket, Map<string, Operation>>();

  function ended({ scope, trace, startedAt }: Operation, status: number): void {
    trace.end();
    requestLog(scope, { endpoint, status, latencyMs: performance.now() - startedAt });
  }

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', (error) => logger.debug({ err: error }, 'socket error'));
    try {
      if (new URL(request.url ?? '/', 'http://portal').pathname !== '/graphql') {
        throw new PortalError('not_found', 'WebSockets live at /graphql.');
      }
      guard.check(request, true);
      sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request));
    } catch (error) {
      const operation = beginOperation();
      const refused = toPortalError(error, operation.scope.id);
      ended(operation, statusOf[refused.code]);
      stream.end(
        `HTTP/1.1 ${statusOf[refused.code]} ${refused.code}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    }
  });

  /** What an operation runs with, or why it does not; in its scope. */
  async function prepare(operation: Operation, request: IncomingMessage, payload: SubscribePayload, open: number) {
    try {
      if (open > options.maxSubscriptionsPerSocket) {
        throw new PortalError(
          'rate_limited',
          `One connection carries ${options.maxSubscriptionsPerSocket} operations at once.`,
        );
      }
      const { parse, validate, execute, subscribe, schema, contextFactory } = graph.getEnveloped({
        ...(await caller(request)),
        params: payload,
        sharesEvents: true,
      });
      const document = parse(payload.query);
      const errors = validate(schema, document);
      if (errors.length > 0) return errors.map((error: GraphQLError) => coded(error, 'GRAPHQL_VALIDATION_FAILED'));
      if (!getOperationAST(document, payload.operationName)) {
        throw new PortalError('invalid_input', 'The document has no such operation, or several and none was named.');
      }
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await contextFactory(),
        rootValue: allWithin(operation, { execute, subscribe }),
      };
    } catch (error) {
      if (error instanceof GraphQLError) return [coded(error, 'GRAPHQL_PARSE_FAILED')];
      const { id } = operation.scope;
      const expected = toPortalError(error, id);
      noteOnRequest({ code: expected.code });
      if (expected.code === 'internal') logger.error({ err: error }, 'unexpected error on a socket');
      return [toGraphQLError(expected, id)];
    }
  }

  const { dispose } = attachProtocol(
    {
      isProd: true,
      onConnect: async ({ extra: { socket, request } }) => {
        const viewer = await caller(request).then(
          (known) => known.viewer,
          (error: unknown) => {
            logger.debug({ err: error }, 'a socket cannot be served');
            socket.close(tryAgainLater, 'The portal is not ready');
            return null;
          },
        );
        // One that left meanwhile takes no place: its close would come before anybody listens.
        if (viewer === null || socket.readyState !== WebSocket.OPEN) return true;
        const open = (perUser.get(viewer.id) ?? 0) + 1;
        perUser.set(viewer.id, open);
        socket.once('close', () => perUser.set(viewer.id, (perUser.get(viewer.id) ?? 1) - 1));
        if (open > options.maxSocketsPerUser) socket.close(tooMany, 'Too many open connections');
        return true;
      },
      onSubscribe: async ({ subscriptions, extra: { socket, request } }, id, payload) => {
        const operation = beginOperation(payload.extensions);
        const prepared = await within(operation, () =>
          prepare(operation, request, payload, Object.keys(subscriptions).length),
        );
        if (Array.isArray(prepared)) ended(operation, refusedStatus);
        else operations.set(socket, (operations.get(socket) ?? new Map<string, Operation>()).set(id, operation));
        return prepared;
      },
      onComplete: ({ extra: { socket } }, id) => {
        const operation = operations.get(socket)?.get(id);
        operations.get(socket)?.delete(id);
        if (operation !== undefined) ended(operation, 200);
      },
      onOperation: ({ extra: { socket } }, id, _payload, _args, result) =>
        isAsyncIterable(result) ? sentAsSpelled(socket, id, result) : undefined,
      execute: (args) => pipelineOf(args).execute(args),
      subscribe: (args) => pipelineOf(args).subscribe(args),
    },
    sockets,
  );

  return {
    async close() {
      const stuck = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, lingerMs);
      await dispose();
      clearTimeout(stuck);
    },
  };
}

type Enveloped = Pick<ReturnType<Graph['getEnveloped']>, 'execute' | 'subscribe'>;

function allWithin(operation: Operation, { execute, subscribe }: Enveloped): Enveloped {
  return {
    execute: (args) => within(operation, () => execute(args)),
    subscribe: (args) => within(operation, () => subscribe(args)),
  };
}

/** graphql-ws hands over what `onSubscribe` returned: the operation's own pipeline travels in its root value. */
function pipelineOf(args: { rootValue?: unknown }): Enveloped {
  return args.rootValue as Enveloped;
}

/** The same error with a code, as over HTTP; what is meant for HTTP alone stays there. */
function coded(error: GraphQLError, code: string): GraphQLError {
  noteOnRequest({ code: 'invalid_input' });
  const { http: _, ...extensions } = error.extensions;
  return new GraphQLError(error.message, { ...placeOf(error), extensions: { code, ...extensions } });
}

/** Milliseconds until a WebSocket to `url` is open: what stands between a browser and us may not let one through. */
export function pingWebSocket(url: string, host: string | undefined, timeoutMs = 2_000): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      handshakeTimeout: timeoutMs,
      headers: host === undefined ? {} : { host },
    });
    socket.once('error', reject);
    socket.once('open', () => {
      resolve(performance.now() - startedAt);
      socket.close(1000);
    });
  });
}
