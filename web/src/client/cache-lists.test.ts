import { Client, type Exchange, makeResult, type OperationResult, type TypedDocumentNode } from '@urql/core';
import { describe, expect, it } from 'vitest';
import { filter, fromArray, fromPromise, mergeMap, pipe } from 'wonka';
import { LoadModel, Models } from '../features/models/documents.ts';
import { Catalogue, Downloads, FollowDownload, PullModel } from '../features/models/download-documents.ts';
import { CreateTemplate, DeleteTemplate, Templates } from '../features/templates/documents.ts';
import { createCache } from './cache.ts';

type Answers = Record<string, () => unknown>;

/** A client whose server answers each field so; what a subscription's field gives is a list, one piece of news each. */
function clientOf(answers: Answers): { client: Client; asked: string[] } {
  const asked: string[] = [];
  const server: Exchange = () => (operations) =>
    pipe(
      operations,
      filter(({ kind }) => kind !== 'teardown'),
      mergeMap((operation) => {
        const [definition] = operation.query.definitions;
        const [field] = definition?.kind === 'OperationDefinition' ? definition.selectionSet.selections : [];
        const name = field?.kind === 'Field' ? field.name.value : '';
        asked.push(name);
        const answer = answers[name]?.();
        const values = operation.kind === 'subscription' ? (answer as unknown[]) : [answer];
        const results: OperationResult[] = values.map((value) => makeResult(operation, { data: { [name]: value } }));
        return pipe(
          fromPromise(new Promise<void>((resolve) => setImmediate(resolve))),
          mergeMap(() => fromArray(results)),
        );
      }),
    );
  return { client: new Client({ url: '/graphql', preferGetMethod: false, exchanges: [createCache(), server] }), asked };
}

/** What a page that shows this query holds, now and after each change. */
function shown<Data>(
  client: Client,
  query: TypedDocumentNode<Data, Record<string, never>>,
): { data: Data | undefined } {
  const held: { data: Data | undefined } = { data: undefined };
  client.query(query, {}).subscribe(({ data }) => {
    held.data = data ?? held.data;
  });
  return held;
}

const template = (id: string) => ({
  __typename: 'PromptTemplate',
  id,
  name: id,
  category: 'general',
  description: '',
  content: 'Text',
  builtIn: false,
  variables: [],
});

const model = (name: string, loaded: boolean) => ({
  __typename: 'Model',
  name,
  provider: 'llama.cpp',
  isDefault: false,
  loaded,
  sizeBytes: 1,
  parameters: null,
  quantization: null,
  contextLength: null,
  threads: null,
  memoryEstimateBytes: null,
  notice: null,
  problem: null,
});

const download = (status: string, receivedBytes: number) => ({
  __typename: 'Download',
  id: 'd1',
  name: 'small',
  status,
  receivedBytes,
  totalBytes: 100,
  bytesPerSecond: 0,
  error: null,
});

describe('what a page shows', () => {
  it('gains a template that was written and loses one that was deleted, without asking again', async () => {
    const { client, asked } = clientOf({
      promptTemplates: () => [template('one')],
      createPromptTemplate: () => template('two'),
      deletePromptTemplate: () => 'one',
    });
    const page = shown(client, Templates);
    await expect.poll(() => page.data?.promptTemplates).toHaveLength(1);
    const input = { name: 'two', category: 'general', content: 'Text' };
    await client.mutation(CreateTemplate, { input }).toPromise();
    expect(page.data?.promptTemplates).toMatchObject([{ id: 'one' }, { id: 'two' }]);
    await client.mutation(DeleteTemplate, { id: 'one' }).toPromise();
    expect(page.data?.promptTemplates).toMatchObject([{ id: 'two' }]);
    expect(asked.filter((name) => name === 'promptTemplates')).toHaveLength(1);
  });

  it('says of every model whether it is in memory once one was loaded, which may have pushed out another', async () => {
    let loaded = 'a';
    const { client } = clientOf({
      models: () => [model('a', loaded === 'a'), model('b', loaded === 'b')],
      loadModel: () => {
        loaded = 'b';
        return model('b', true);
      },
    });
    const page = shown(client, Models);
    await expect.poll(() => page.data?.models).toMatchObject([{ loaded: true }, { loaded: false }]);
    await client.mutation(LoadModel, { name: 'b' }).toPromise();
    await expect.poll(() => page.data?.models).toMatchObject([{ loaded: false }, { loaded: true }]);
  });

  it('lists a download from its beginning, and its model from its end', async () => {
    let pulled = false;
    let whole = false;
    const { client } = clientOf({
      models: () => (whole ? [model('small', false)] : []),
      modelCatalogue: () => [{ ...catalogued, installed: whole }],
      modelDownloads: () => (pulled ? [download('RUNNING', 0)] : []),
      pullModel: () => {
        pulled = true;
        return download('RUNNING', 0);
      },
      modelDownload: () => {
        whole = true;
        return [download('RUNNING', 50), download('COMPLETE', 100)];
      },
    });
    const [models, catalogue, downloads] = [shown(client, Models), shown(client, Catalogue), shown(client, Downloads)];
    await expect.poll(() => [models.data?.models, downloads.data?.modelDownloads]).toEqual([[], []]);
    await client.mutation(PullModel, { name: 'small' }).toPromise();
    await expect.poll(() => downloads.data?.modelDownloads).toMatchObject([{ status: 'RUNNING' }]);
    client.subscription(FollowDownload, { id: 'd1' }).subscribe(() => {});
    await expect.poll(() => models.data?.models).toMatchObject([{ name: 'small' }]);
    await expect.poll(() => catalogue.data?.modelCatalogue).toMatchObject([{ installed: true }]);
    expect(downloads.data?.modelDownloads).toMatchObject([{ status: 'COMPLETE', receivedBytes: 100 }]);
  });
});

const catalogued = {
  __typename: 'CatalogueEntry',
  name: 'small',
  repository: 'maker/small',
  parameters: '1M',
  quantization: 'Q8_0',
  license: 'MIT',
  sizeBytes: 100,
  memoryEstimateBytes: 200,
  fits: true,
};
