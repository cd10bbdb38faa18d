import { z } from 'zod';
import { requiredText } from '../chat/input.ts';
import type { Download } from '../chat/model-downloads.ts';
import type { Caller } from '../http/graphql.ts';
import type { Api, RestParts } from './api.ts';
import { type ServerEvent, sendEvents } from './event-stream.ts';
import { idParams } from './input.ts';
import { problems } from './problems.ts';
import { count, id } from './words.ts';

const tags = ['models'];

const downloadShape = z
  .object({
    id: id(),
    name: z.string().meta({ description: 'As it was pulled.' }),
    status: z.enum(['running', 'complete', 'cancelled', 'failed']),
    received_bytes: count(),
    total_bytes: count().nullable().meta({ description: 'Null until the host has said.' }),
    bytes_per_second: count().meta({ description: 'Over the last five seconds; 0 where it does not run.' }),
    error: z.string().nullable().meta({ description: 'What went wrong and what can be done.' }),
  })
  .meta({ id: 'Download', description: 'A model on its way into the models folder.' });

/** Models that are brought here from Hugging Face or a mirror: for administrators. */
export function registerDownloads(api: Api, parts: RestParts): void {
  const { caller } = parts;

  api.post(
    '/models/pull',
    {
      schema: {
        tags,
        operationId: 'pullModel',
        summary: 'Begins to bring a model into the models folder, or goes on with one that broke off',
        body: z.object({
          name: requiredText(600).meta({
            description: 'A name of the catalogue (see models/README.md), or `hf:owner/repository/file.gguf`.',
          }),
        }),
        response: {
          202: z.object({ download_id: id() }),
          ...problems('invalid_input', 'forbidden', 'conflict', 'overloaded'),
        },
      },
    },
    async (request, reply) => {
      const { viewer, rules } = await caller(request);
      const { id: downloadId } = await rules.modelDownloads.pull(viewer, request.body.name);
      return reply.status(202).send({ download_id: downloadId });
    },
  );

  api.get(
    '/models/downloads',
    {
      schema: {
        tags,
        operationId: 'listDownloads',
        summary: 'Lists downloads that run and the newest 50 that ended, newest first',
        response: { 200: z.array(downloadShape), ...problems('forbidden') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      return (await rules.modelDownloads.list(viewer)).map(shape);
    },
  );

  api.get(
    '/models/downloads/:id',
    {
      schema: {
        tags,
        operationId: 'readDownload',
        summary: 'Tells how a download stands, or follows it to its end',
        description:
          'Asked for as `text/event-stream`: `progress` with the download as it is and as it changes, at most four times a ' +
          'second, and last `done`, whatever its end was.',
        params: idParams,
        response: {
          200: {
            description: 'The download',
            content: {
              'application/json': { schema: downloadShape },
              'text/event-stream': { schema: z.string() },
            },
          },
          ...problems('forbidden', 'not_found', 'rate_limited'),
        },
      },
    },
    async (request, reply) => {
      const from = await caller(request);
      const download = await from.rules.modelDownloads.get(from.viewer, request.params.id);
      if (!request.headers.accept?.includes('text/event-stream')) return reply.send(shape(download));
      return sendEvents(reply, parts, from.viewer, (signal) => progress(from, download.id, signal));
    },
  );

  api.delete(
    '/models/downloads/:id',
    {
      schema: {
        tags,
        operationId: 'cancelDownload',
        summary: 'Ends a download and removes what has arrived; one that is complete stays as it is',
        params: idParams,
        response: { 200: downloadShape, ...problems('forbidden', 'not_found') },
      },
    },
    async (request) => {
      const { viewer, rules } = await caller(request);
      return shape(await rules.modelDownloads.cancel(viewer, request.params.id));
    },
  );
}

async function* progress(
  { viewer, rules }: Caller,
  downloadId: string,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void> {
  for await (const download of await rules.modelDownloads.follow(viewer, downloadId, signal)) {
    yield { event: download.status === 'running' ? 'progress' : 'done', data: shape(download) };
  }
}

function shape(download: Download): z.infer<typeof downloadShape> {
  const { id, name, status, receivedBytes, totalBytes, bytesPerSecond, error } = download;
  return {
    id,
    name,
    status,
    received_bytes: receivedBytes,
    total_bytes: totalBytes,
    bytes_per_second: bytesPerSecond,
    error,
  };
}
