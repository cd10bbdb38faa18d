import type { Viewer } from '../../accounts/viewer.ts';
import { PortalError } from '../../errors.ts';
import { type Catalog, type CatalogModel, canEmbed } from '../../inference/catalog.ts';
import { type Embedding, noUsage } from '../../inference/engine.ts';
import { noteOnRequest } from '../../request-scope.ts';
import { type Completion, type Completions, conversationOf } from '../completions.ts';
import type { Embeddings } from '../embeddings.ts';
import type { WorkerView } from './worker-view.ts';

export type CompletionPiece = { begun: string } | { text: string } | { done: Completion };

/** What a process without models asks of others. */
export function createDistantAnswers({ view, catalog }: { view: WorkerView | null; catalog: Catalog }) {
  if (view === null) throw new Error('This process holds models itself.');
  return { completions: createDistantCompletions({ view }), embeddings: createDistantEmbeddings({ view, catalog }) };
}

/** Answers for clients that keep their conversations, written by a worker; where a conversation goes on, by the same one. */
function createDistantCompletions({ view }: { view: WorkerView }): Completions {
  return {
    async complete(viewer, input, listener, signal) {
      let text = '';
      let model = '';
      try {
        const key = conversationOf(viewer, input.messages);
        for await (const piece of view.askOne('complete', key, { viewerId: viewer.id, input }, signal)) {
          const news = piece as CompletionPiece;
          if ('done' in news) {
            noteOnRequest({ modelId: news.done.model, tokens: news.done.usage.completionTokens });
            return news.done;
          }
          if ('begun' in news) {
            model = news.begun;
            listener.onBegun?.(model);
          } else {
            text += news.text;
            listener.onText?.(news.text);
          }
        }
      } catch (error) {
        if (!signal.aborted) throw error;
        return { model, text, finishReason: 'cancelled', usage: noUsage };
      }
      throw new PortalError('internal', 'The answer ended without an end.');
    },
  };
}

/** What texts mean, computed by a worker. */
function createDistantEmbeddings({ view, catalog }: { view: WorkerView; catalog: Catalog }): Embeddings {
  const chosen = () => view.known().find(({ record }) => record.embeddingModel !== null)?.record.embeddingModel ?? null;

  return {
    async model(): Promise<CatalogModel | null> {
      const name = chosen();
      const model = name === null ? null : await catalog.find(name);
      return model !== null && canEmbed(model) ? model : null;
    },

    problem: async () => (chosen() === null ? (view.known()[0]?.record.embeddingProblem ?? null) : null),

    async embed(viewer: Pick<Viewer, 'id'>, input, signal): Promise<Embedding & { model: string }> {
      for await (const piece of view.askOne('embed', viewer.id, { viewerId: viewer.id, input }, signal)) {
        return piece as Embedding & { model: string };
      }
      throw new PortalError('internal', 'The embeddings ended without an end.');
    },
  };
}
