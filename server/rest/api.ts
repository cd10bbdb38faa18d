import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Caller } from '../http/graphql.ts';
import type { OpenStreams } from '../http/open-streams.ts';

/** The server as a group of routes sees it: each schema of a route is zod, and types its handler. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RestParts {
  /** Who asks, and the rules. Throws `dependency_unavailable` while the portal starts. */
  caller: (request: FastifyRequest) => Promise<Caller>;
  streams: OpenStreams;
  /** Aborts when the portal ends: streams close, and who waits for a reply is told to come back. */
  closing: AbortSignal;
}

/**
 * One noun's routes, in a file of its own, listed in `rest.ts`. Addresses are relative to `/api/v1`. `sessions.ts` is the example:
 *
 * 1. Each route has a zod schema (`params`, `querystring`, `body`, `response`) with tag, operationId and summary: it validates the
 *    request, shapes the answer and is the description. Field schemas of requests stand in `input.ts`, of answers in `words.ts`;
 *    a shape with `meta({ id })` becomes a named schema. `...problems('not_found')` lists the codes that the route can answer.
 * 2. The handler asks `caller(request)` for the viewer and the rules, calls one rule, and returns the shape. It throws nothing but
 *    what a rule throws; an id of the body that a rule does not find goes through `namedBy`.
 * 3. `npm run codegen` prints `openapi.json`, which is committed.
 */
export type RouteGroup = (api: Api, parts: RestParts) => void;
