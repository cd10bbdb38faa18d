import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { ExportedFile, ExportFormat } from '../chat/export.ts';
import { importLimits } from '../chat/import/conversation.ts';
import { JsonSyntaxError } from '../chat/import/json-outline.ts';
import { invalidInput } from '../chat/input.ts';
import { PortalError } from '../errors.ts';
import type { Api, RestParts } from './api.ts';
import { attachment } from './content-disposition.ts';
import { idParams, queryFlag } from './input.ts';
import { problems } from './problems.ts';
import { id } from './words.ts';

const tags = ['portability'];

/** How long the rest of an upload that is refused may take. */
const discardMs = 5_000;

const contentTypes: Record<ExportFormat, string> = {
  json: 'application/json; charset=utf-8',
  markdown: 'text/markdown; charset=utf-8',
};

const exportQuery = z.object({
  format: z
    .enum(['json', 'markdown'], 'must be json or markdown')
    .default('json')
    .meta({ description: 'JSON has everything and can be imported again; Markdown is for reading.' }),
});

const exportAnswer = {
  description: 'A file, streamed; its name is in Content-Disposition',
  headers: z.object({ 'Content-Disposition': z.string() }),
  content: {
    'application/json': { schema: z.object({ export_version: z.string(), exported_at: z.iso.datetime() }).loose() },
    'text/markdown': { schema: z.string() },
  },
};

const report = z
  .object({
    imported: z.int(),
    skipped: z.int(),
    failed: z.int(),
    items: z.array(
      z.object({
        title: z.string(),
        session_id: id().optional().meta({ description: 'Where it is now; left out where it is nowhere.' }),
        outcome: z.enum(['imported', 'skipped', 'failed']),
        reason: z.string().optional().meta({ description: 'Why, or what was left out and repaired.' }),
      }),
    ),
  })
  .meta({ id: 'ImportReport', description: 'What became of each conversation of a file, in its order.' });

/** Taking conversations out, and bringing them in. */
export function registerPortability(api: Api, { caller, closing }: RestParts): void {
  api.get(
    '/sessions/:id/export',
    {
      schema: {
        tags,
        operationId: 'exportSession',
        summary: 'A conversation as a file',
        params: idParams,
        querystring: exportQuery,
        response: { 200: exportAnswer, ...problems('invalid_input', 'not_found') },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { format } = request.query;
      return sendFile(reply, await rules.exports.session(viewer, request.params.id, format), format, closing);
    },
  );

  api.get(
    '/export',
    {
      schema: {
        tags,
        operationId: 'exportAll',
        summary: 'All of one’s conversations as a file',
        querystring: exportQuery,
        response: { 200: exportAnswer, ...problems('invalid_input') },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { format } = request.query;
      return sendFile(reply, rules.exports.all(viewer, format), format, closing);
    },
  );

  api.register(async (scope) => registerImport(scope.withTypeProvider(), { caller, closing }));
}

/** In a scope of its own: its body is not read into memory. */
function registerImport(api: Api, { caller, closing }: Pick<RestParts, 'caller' | 'closing'>): void {
  api.setErrorHandler((error) => {
    const isOfType = (error as { code?: string }).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
    if (!isOfType) throw error;
    throw new PortalError('unsupported_media_type', 'The body must be application/json or application/zip.');
  });
  api.removeContentTypeParser('application/json');
  api.addContentTypeParser(['application/json', 'application/zip'], async (_request: unknown, body: Readable) => body);

  api.post(
    '/import',
    {
      schema: {
        tags,
        operationId: 'import',
        summary: 'Brings conversations in',
        description:
          'An export of this portal, of ChatGPT (`conversations.json`, or the zip as it was downloaded), of Open WebUI, or ' +
          'OpenAI-style `{messages: [{role, content}]}`. Each conversation is taken over whole or not at all; what is here ' +
          'already is skipped. Nothing is stored before the whole file has come.',
        consumes: ['application/json', 'application/zip'],
        querystring: z.object({ dry_run: queryFlag().meta({ description: 'Only reports what would be done.' }) }),
        body: z.unknown().meta({ description: `The file, of at most ${importLimits.fileBytes} bytes.` }),
        response: {
          200: report,
          ...problems('invalid_input', 'payload_too_large', 'unsupported_media_type', 'overloaded'),
        },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { body } = request;
      if (!(body instanceof Readable)) throw invalidInput([{ path: 'body', message: 'is missing' }]);
      if (Number(request.headers['content-length']) > importLimits.fileBytes) {
        discard(body);
        throw new PortalError('payload_too_large', `The file is larger than ${importLimits.fileBytes} bytes.`);
      }
      const kind = request.headers['content-type']?.startsWith('application/zip') ? 'zip' : 'json';
      const leaving = AbortSignal.any([leavingOf(reply), closing]);
      try {
        const { items, ...counts } = await rules.imports.run(
          viewer,
          // Whoever stops reading must still be able to answer: the connection is the body's.
          { kind, body: body.iterator({ destroyOnReturn: false }) },
          { dryRun: request.query.dry_run ?? false, signal: leaving },
        );
        return { ...counts, items: items.map(shapeItem) };
      } catch (error) {
        if (!request.raw.complete) discard(body);
        if (error instanceof JsonSyntaxError) throw notJson(error);
        if (closing.aborted) throw portalEnds();
        const brokenOff = leaving.aborted || (request.raw.destroyed && !request.raw.complete);
        // Nobody reads this answer.
        if (brokenOff) throw new PortalError('invalid_input', 'The upload was broken off.');
        throw error;
      }
    },
  );
}

type Item = Awaited<ReturnType<Awaited<ReturnType<RestParts['caller']>>['rules']['imports']['run']>>['items'][number];

function shapeItem({ title, sessionId, outcome, reason }: Item): z.infer<typeof report>['items'][number] {
  return {
    title,
    ...(sessionId !== null && { session_id: sessionId }),
    outcome,
    ...(reason !== null && { reason }),
  };
}

function sendFile(reply: FastifyReply, file: ExportedFile, format: ExportFormat, closing: AbortSignal): FastifyReply {
  reply.header('content-type', contentTypes[format]);
  reply.header('content-disposition', attachment(file.name));
  reply.header('cache-control', 'no-store');
  return reply.send(Readable.from(file.chunks(AbortSignal.any([leavingOf(reply), closing]))));
}

/** Aborts when the client is gone. */
function leavingOf(reply: FastifyReply): AbortSignal {
  const leaving = new AbortController();
  reply.raw.once('close', () => leaving.abort());
  return leaving.signal;
}

function portalEnds(): PortalError {
  return new PortalError('dependency_unavailable', 'The portal is stopping; send the file again in a moment.', {
    retryAfterSeconds: 5,
  });
}

/** Many clients read no answer before they have sent all: lets them go on for a while, and throws away what they send. */
function discard(body: Readable): void {
  const giveUp = setTimeout(() => body.destroy(), discardMs);
  body.once('close', () => clearTimeout(giveUp));
  body.resume();
}

/** As of any body that is not JSON: 400. */
function notJson(error: JsonSyntaxError): Error {
  return Object.assign(new SyntaxError(`The body is not JSON: ${error.message}.`), {
    code: 'FST_ERR_CTP_INVALID_JSON_BODY',
    statusCode: 400,
  });
}
