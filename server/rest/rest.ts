import type { FastifyInstance, HTTPMethods } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { PortalError } from '../errors.ts';
import { registerAdmin } from './admin.ts';
import type { RestParts, RouteGroup } from './api.ts';
import { registerChat } from './chat.ts';
import { registerDownloads } from './downloads.ts';
import { inRestWords, validatorCompiler } from './input.ts';
import { registerMessages } from './messages.ts';
import { registerModels } from './models.ts';
import { registerOpenAi } from './openai/routes.ts';
import { describeRoutes, serveDescription, servePage } from './openapi.ts';
import { registerPortability } from './portability.ts';
import { registerPrompts } from './prompts.ts';
import { registerSearch } from './search.ts';
import { registerSessions } from './sessions.ts';
import { registerStoredMessages } from './stored-messages.ts';

/** Each one's addresses are relative to `/api/v1`. */
const groups: readonly RouteGroup[] = [
  registerChat,
  registerSessions,
  registerMessages,
  registerStoredMessages,
  registerSearch,
  registerPrompts,
  registerModels,
  registerDownloads,
  registerPortability,
  registerAdmin,
];

/** The REST facade over the same rules as the graph, and its description. */
export async function registerRest(app: FastifyInstance, parts: RestParts): Promise<void> {
  await app.register(async (rest) => {
    rest.setValidatorCompiler(validatorCompiler);
    rest.setSerializerCompiler(serializerCompiler);
    rest.setErrorHandler((error) => {
      throw inRestWords(error);
    });
    readJsonBodies(rest);
    const known = new Map<string, Set<string>>();
    await describeRoutes(rest);
    await rest.register(
      async (api) => {
        collectMethods(api, known);
        serveDescription(api);
        for (const register of groups) register(api.withTypeProvider<ZodTypeProvider>(), parts);
      },
      { prefix: '/api/v1' },
    );
    await rest.register(
      async (api) => {
        collectMethods(api, known);
        registerOpenAi(api.withTypeProvider<ZodTypeProvider>(), parts);
      },
      { prefix: '/v1' },
    );
    await servePage(rest);
    refuseOtherMethods(rest, known);
  });
}

/** A body of no bytes is no body, whatever its type says; anything that is JSON is for the schema to judge. */
function readJsonBodies(rest: FastifyInstance): void {
  rest.removeContentTypeParser('application/json');
  rest.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: string) => {
    if (body === '') return undefined;
    try {
      return JSON.parse(body);
    } catch {
      throw Object.assign(new SyntaxError('The body is not JSON.'), {
        code: 'FST_ERR_CTP_INVALID_JSON_BODY',
        statusCode: 400,
      });
    }
  });
}

const methods: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Fills as routes are added: the methods that each address answers. */
function collectMethods(api: FastifyInstance, known: Map<string, Set<string>>): void {
  api.addHook('onRoute', ({ url, method }) => {
    known.set(url, new Set([...(known.get(url) ?? []), ...[method].flat()]));
  });
}

function refuseOtherMethods(rest: FastifyInstance, known: Map<string, Set<string>>): void {
  for (const [url, allowed] of [...known]) {
    const allow = [...allowed].join(', ');
    const others = methods.filter((method) => !allowed.has(method));
    if (others.length === 0) continue;
    rest.route({
      method: others,
      url,
      schema: { hide: true },
      handler: async (_request, reply) => {
        reply.header('allow', allow);
        throw new PortalError('method_not_allowed', `This address answers ${allow}.`);
      },
    });
  }
}
