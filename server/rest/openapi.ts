import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';

const description = `Everything that the portal does, for programs. The same rules as the graph at \`/graphql\`; ids are the same too.

Names are snake_case, times ISO 8601 in UTC, ids bare UUIDs, lengths counted in UTF-16 units. Every answer carries \`X-Request-Id\`.
Errors are \`application/problem+json\` with a code of one closed list. An unknown, malformed or foreign id is 404 in an address and
422 in a body. Bodies are \`application/json\`.`;

const zodToJsonConfig = {
  // What every whole number of JSON is bound by says nothing.
  override: ({ jsonSchema }: { jsonSchema: { minimum?: number; maximum?: number } }) => {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
};

const allSchemas = createJsonSchemaTransformObject({ zodToJsonConfig });

const toJsonSchemas = createJsonSchemaTransform({ zodToJsonConfig });

/** zod leaves the examples of a schema out where the schema also cleans what it reads. */
const withExamples: typeof toJsonSchemas = (document) => {
  const described = toJsonSchemas(document);
  const body = document.schema?.body;
  const examples = body instanceof z.ZodType ? body.meta()?.examples : undefined;
  if (examples !== undefined) Object.assign(described.schema.body as object, { examples });
  return described;
};

/** Each named schema comes twice, as it is read and as it is written; the one that no route speaks of is left out. */
function withoutUnusedSchemas(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const all = document.components?.schemas ?? {};
  const text = JSON.stringify(document);
  const used = Object.entries(all).filter(([name]) => text.includes(`"#/components/schemas/${name}"`));
  const smaller = { ...document, components: { ...document.components, schemas: Object.fromEntries(used) } };
  return used.length === Object.keys(all).length ? smaller : withoutUnusedSchemas(smaller);
}

/** Describes the routes that are registered after it, from the schemas that validate them. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'PocketLLM Portal', version: '1', description },
      servers: [{ url: '/', description: 'This portal' }],
      tags: [
        { name: 'chat', description: 'Asking a model, and following what it writes.' },
        { name: 'sessions', description: 'Conversations.' },
        { name: 'messages', description: 'What was said in them.' },
        { name: 'own model', description: 'Keeping the conversations of a client that brings its own model.' },
        { name: 'search', description: 'Finding it again.' },
        { name: 'prompts', description: 'Texts to begin with.' },
        { name: 'models', description: 'What answers, and where it comes from.' },
        { name: 'portability', description: 'Taking conversations out, and bringing them in.' },
        { name: 'operations', description: 'What the portal did.' },
        { name: 'openai', description: 'The shapes of OpenAI’s API, for clients that exist already.' },
      ],
    },
    transform: withExamples,
    transformObject: (document) => withoutUnusedSchemas(allSchemas(document) as OpenAPIV3_1.Document),
  });
}

export function serveDescription(api: FastifyInstance): void {
  api.get('/openapi.json', { schema: { hide: true } }, async () => api.swagger());
}

/** `/docs`: the description to read and to try; page and scripts are our own files. */
export async function servePage(app: FastifyInstance): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: 'PocketLLM Portal: the REST API' },
    uiConfig: { docExpansion: 'list', tryItOutEnabled: true, displayRequestDuration: true },
  });
}
