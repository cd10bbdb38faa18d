import type { Download as DownloadView, CatalogueEntry as Entry } from '../../server/chat/model-downloads.ts';
import { builder } from '../builder.ts';
import { untilReturn } from '../until-return.ts';

const DownloadStatus = builder.enumType('DownloadStatus', {
  description: 'How a download stands.',
  values: {
    RUNNING: { value: 'running', description: 'It arrives, or waits for the next try.' },
    COMPLETE: { value: 'complete', description: 'The model is in the models folder.' },
    CANCELLED: { value: 'cancelled', description: 'Ended by an administrator; nothing of it is left.' },
    FAILED: { value: 'failed', description: '`error` says why; pulled again, it goes on with what has arrived.' },
  } as const,
});

const Download = builder.objectRef<DownloadView>('Download').implement({
  description: 'A model on its way into the models folder.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Stays the same where it goes on after a failure.' }),
    name: t.exposeString('name', { description: 'The name by which it was pulled.' }),
    status: t.field({ type: DownloadStatus, description: 'How it stands.', resolve: ({ status }) => status }),
    receivedBytes: t.exposeFloat('receivedBytes', { description: 'What has arrived.' }),
    totalBytes: t.exposeFloat('totalBytes', {
      nullable: true,
      description: 'The size of the file; null until the host has said.',
    }),
    bytesPerSecond: t.exposeFloat('bytesPerSecond', {
      description: 'Over the last five seconds; 0 where it does not run.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'What went wrong and what can be done.' }),
  }),
});

const CatalogueEntry = builder.objectRef<Entry>('CatalogueEntry').implement({
  description: 'A model that can be pulled by its name.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What `pullModel` takes, and its name among the models afterwards.' }),
    repository: t.exposeString('repository', { description: 'Where it comes from on Hugging Face.' }),
    parameters: t.exposeString('parameters', { description: 'How many weights it has, in short.' }),
    quantization: t.exposeString('quantization', { description: 'How its weights are stored.' }),
    license: t.exposeString('license', { description: 'What its makers call the licence: read it before you use it.' }),
    sizeBytes: t.exposeFloat('sizeBytes', { description: 'Size of the file.' }),
    memoryEstimateBytes: t.exposeFloat('memoryEstimateBytes', {
      description: 'What loading it with the present settings takes.',
    }),
    fits: t.exposeBoolean('fits', {
      description: 'Whether this machine can hold it: with fewer conversations at once, where its memory is short.',
    }),
    installed: t.exposeBoolean('installed', { description: 'Whether a model of this name is there.' }),
  }),
});

builder.queryFields((t) => ({
  modelCatalogue: t.field({
    type: [CatalogueEntry],
    description: 'What could be pulled: a small curated catalogue, with memory needs beside what this machine has.',
    resolve: (_root, _args, { rules }) => rules.modelDownloads.catalogue(),
  }),
  modelDownloads: t.field({
    type: [Download],
    description:
      'Downloads that run and the newest 50 that ended, newest first. Admins only, except in single-user mode.',
    resolve: (_root, _args, { viewer, rules }) => rules.modelDownloads.list(viewer),
  }),
}));

builder.mutationFields((t) => ({
  pullModel: t.field({
    type: Download,
    description:
      'Brings a model into the models folder: one of the catalogue, or any GGUF file of Hugging Face as ' +
      '`hf:owner/repository/file.gguf`. Returns at once: follow it with modelDownload(id). One that runs already is returned, ' +
      'one that failed goes on. Admins only, except in single-user mode. Throws FORBIDDEN, INVALID_INPUT, CONFLICT where the file ' +
      'is there, OVERLOADED while three run.',
    args: { name: t.arg.string({ required: true, description: 'A name of the catalogue, or an `hf:` address.' }) },
    resolve: (_root, { name }, { viewer, rules }) => rules.modelDownloads.pull(viewer, name),
  }),
  cancelDownload: t.field({
    type: Download,
    description:
      'Ends a download and removes what has arrived; one that is complete stays as it is. Admins only, except in single-user ' +
      'mode. Throws FORBIDDEN, NOT_FOUND.',
    args: { id: t.arg.id({ required: true, description: 'The download.' }) },
    resolve: (_root, { id }, { viewer, rules }) => rules.modelDownloads.cancel(viewer, id),
  }),
}));

builder.subscriptionField('modelDownload', (t) =>
  t.field({
    type: Download,
    description:
      'A download as it is, then as it changes, at most four times a second; its end is last. Admins only, except in ' +
      'single-user mode. Throws FORBIDDEN, NOT_FOUND.',
    args: { id: t.arg.id({ required: true, description: 'The download.' }) },
    subscribe: async (_root, { id }, { viewer, rules }) => {
      await rules.modelDownloads.get(viewer, id);
      return untilReturn(async function* (signal) {
        yield* await rules.modelDownloads.follow(viewer, id, signal);
      });
    },
    resolve: (download) => download,
  }),
);
