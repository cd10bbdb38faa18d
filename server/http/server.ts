import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import compress from '@fastify/compress';
import helmet from '@fastify/helmet';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { PortalError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { createRequestScope, noteOnRequest, requestScope } from '../request-scope.ts';
import type { ServedRequest } from '../telemetry/metrics.ts';
import { statusOf, toGraphQLError, toOpenAiError, toPortalError, toProblem } from './errors.ts';
import type { Guard } from './guard.ts';
import { type RequestLog, spokenTo } from './request-log.ts';
import { traceRequests } from './traced-requests.ts';

const bodyLimitBytes = 1024 * 1024;
/** The ten segments that TCP sends before it is answered (RFC 6928): what fits into them arrives no sooner for being smaller. */
const firstWindowBytes = 14_600;
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Longer than any line that Node reads, so that every id gets the answer of one that is not known. */
const longestParameter = 64 * 1024;

interface Options {
  logger: Logger;
  guard: Guard;
  trustProxy: boolean;
  requestLog: RequestLog;
  /** Counts what was served. */
  served: (request: ServedRequest) => void;
  /** Whether somebody collects traces. */
  traced: boolean;
  /** Aborts before the server closes: from then on a connection ends with its answer. */
  leaving: AbortSignal;
}

/** A client that left before it was answered; the number is nginx'. */
const clientLeft = 499;

/** The bare HTTP server: request ids and their lines, the guard, security headers, one form of errors. Routes are registered on it. */
export async function createHttpServer(options: Options): Promise<FastifyInstance> {
  const { logger, guard, trustProxy, requestLog, served, traced, leaving } = options;
  const app: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    trustProxy,
    // Answers on their way are finished; the app cuts off whoever takes too long.
    forceCloseConnections: 'idle',
    genReqId: (request) => requestIdOf(request.headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestParameter },
    clientErrorHandler: (error, socket) => refuseUnread(error, socket, requestLog),
    frameworkErrors: (_error, request, reply) => {
      reply.header('x-request-id', request.id);
      sendError(request, reply as FastifyReply, new PortalError('not_found', 'There is nothing at this address.'));
    },
  });

  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', (request, reply, done) => {
    const scope = createRequestScope(request.id);
    const startedAt = performance.now();
    // Comes also where the client left first, which Fastify's own hook does not.
    reply.raw.once('close', () => {
      const { method } = request;
      const route = request.routeOptions.url ?? 'none';
      const status = reply.raw.headersSent ? reply.statusCode : clientLeft;
      const latencyMs = performance.now() - startedAt;
      requestLog(scope, { endpoint: `${method} ${route}`, status, latencyMs, routine: !spokenTo.test(route) });
      served({ route, method, status, latencyMs });
    });
    // Closing ends the connections that are idle then, and would wait for those that fall idle later.
    reply.raw.once('finish', () => {
      if (leaving.aborted) request.raw.socket.destroySoon();
    });
    requestScope.run(scope, done);
  });
  if (traced) traceRequests(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    // Whether the process lives is no secret, and whoever asks may not know its name.
    if (request.url !== '/health') guard.check(request, !safeMethods.has(request.method));
  });
  app.setErrorHandler((error: FastifyError | PortalError, request, reply) => {
    const known = error instanceof PortalError ? error : (fromFastify(error) ?? toPortalError(error, request.id));
    if (known.code === 'internal') logger.error({ err: error }, 'unexpected error');
    const notJson = error !== known && 'statusCode' in error && error.statusCode === 400;
    return sendError(request, reply, known, notJson ? 400 : statusOf[known.code]);
  });

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        scriptSrc: ["'self'"],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });
  await app.register(compress, {
    threshold: firstWindowBytes,
    customTypes: /^(text\/(?!event-stream)|application\/(json|javascript|graphql-response))/,
  });
  return app;
}

/** What Node's parser refuses is no request, and no route sees it; it is answered like one. */
function refuseUnread(error: NodeJS.ErrnoException, socket: Socket, requestLog: RequestLog): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const scope = createRequestScope(crypto.randomUUID());
  const { status, refused } = unread(error);
  const body = JSON.stringify(toProblem(refused, scope.id, status));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${scope.id}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  requestLog(scope, { endpoint: 'unreadable', status, latencyMs: 0, routine: true });
}

function unread({ code }: NodeJS.ErrnoException): { status: number; refused: PortalError } {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, refused: new PortalError('payload_too_large', 'The headers are too large.') };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, refused: new PortalError('timeout', 'The request did not come in time.') };
    default:
      return { status: 400, refused: new PortalError('invalid_input', 'This is not a request of HTTP/1.1.') };
  }
}

/** Answers with an error in the form of the surface that was asked. */
function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: PortalError,
  status = statusOf[error.code],
): FastifyReply {
  const { retryAfterSeconds, limit } = error.details;
  noteOnRequest({ code: error.code });
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (limit !== undefined) {
    reply.header('ratelimit-limit', limit);
    reply.header('ratelimit-remaining', 0);
    reply.header('ratelimit-reset', retryAfterSeconds ?? 0);
  }
  if (request.url.startsWith('/graphql')) {
    return reply
      .status(status)
      .type('application/json; charset=utf-8')
      .send({ errors: [toGraphQLError(error, request.id)] });
  }
  if (request.url.startsWith('/v1/')) {
    const { status: openAiStatus, body } = toOpenAiError(error);
    return reply.status(openAiStatus).type('application/json; charset=utf-8').send(body);
  }
  return reply
    .status(status)
    .type('application/problem+json; charset=utf-8')
    .send(toProblem(error, request.id, status));
}

/** Fastify's own refusals of a request, in our words. */
function fromFastify(error: FastifyError | PortalError): PortalError | null {
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new PortalError('unsupported_media_type', 'The body must be application/json.');
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new PortalError('payload_too_large', `The body is larger than ${bodyLimitBytes} bytes.`);
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return new PortalError('invalid_input', 'The body is not JSON.');
    default:
      return 'statusCode' in error && error.statusCode === 400 ? new PortalError('invalid_input', error.message) : null;
  }
}

/** A request's id: the caller's own where it is harmless in a log, else a new one. */
function requestIdOf(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : crypto.randomUUID();
}
