import { PortalError } from '../../errors.ts';
import type { Catalog, CatalogModel } from '../../inference/catalog.ts';
import type { Download, Downloads } from '../../inference/downloads.ts';
import { type Engine, EngineError, type EngineStatus, type LoadedModel } from '../../inference/engine.ts';
import type { WorkerView } from './worker-view.ts';

/** What a process without models asks of others: how they do, and what an administrator wants of them. */
export type DistantEngine = Pick<Engine, 'status' | 'load' | 'unload'>;

const never = new AbortController().signal;

/** All engines as one: a model is loaded and let go everywhere. */
export function createDistantEngine({ view }: { view: WorkerView }): DistantEngine {
  return {
    status(): EngineStatus {
      const all = view.living().map(({ record }) => record.status);
      const first = all.find(({ loaded }) => loaded !== null) ?? all.find(({ state }) => state === 'ready') ?? all[0];
      return first ?? { state: 'restarting', loaded: null, problem: 'No process that holds models is running.' };
    },
    async load({ name }, signal = never): Promise<LoadedModel> {
      const answers = await view.askAll('load', { name }, signal);
      await view.look();
      for (const { answer } of answers) if (isFailure(answer)) throw new EngineError('cannot_load', answer.problem);
      return answers[0]?.answer as LoadedModel;
    },
    async unload(signal = never) {
      await view.askAll('unload', {}, signal);
      await view.look();
    },
  };
}

function isFailure(answer: unknown): answer is { problem: string } {
  return typeof answer === 'object' && answer !== null && 'problem' in answer;
}

/** The models of all of them, each once. */
export function createDistantCatalog({ view }: { view: WorkerView }): Catalog {
  function list(): CatalogModel[] {
    const models = new Map<string, CatalogModel>();
    for (const { record } of view.known()) {
      for (const model of record.models) {
        const known = models.get(model.name);
        if (known === undefined || (known.problem !== null && model.problem === null)) models.set(model.name, model);
      }
    }
    return [...models.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  const find = (name: string) => list().find((model) => model.name === name) ?? null;
  const defaultName = () =>
    view.known().find(({ record }) => record.defaultModel !== null)?.record.defaultModel ?? null;

  return {
    list: async () => list(),
    find: async (name) => find(name),
    async defaultModel() {
      const name = defaultName();
      return name === null ? null : find(name);
    },
    async defaultProblem() {
      if (defaultName() !== null) return null;
      return view.known()[0]?.record.defaultProblem ?? 'No process that holds models has been seen yet.';
    },
    forget() {
      // Whoever does not hear it reads what changes all the same.
      view.askAll('forget-catalog', {}, never).catch(() => undefined);
      return list().length;
    },
  };
}

interface Pulled {
  downloads: Download[];
}

/** Downloads of all of them: one pulls a model, and where they share a folder it is everybody's. */
export function createDistantDownloads({
  view,
  catalogue,
}: {
  view: WorkerView;
  catalogue: Downloads['catalogue'];
}): Downloads {
  async function listed() {
    const answers = await view.askAll('downloads', {}, never);
    return answers.flatMap(({ worker, answer }) =>
      (answer as Pulled).downloads.map((download) => ({ worker, download })),
    );
  }
  const holderOf = async (id: string) => (await listed()).find(({ download }) => download.id === id) ?? null;

  return {
    catalogue,
    async pull(name) {
      for await (const piece of view.askOne('pull', name, { name }, never)) return piece as Download;
      throw new PortalError('internal', 'The download did not begin.');
    },
    find: async (id) => (await holderOf(id))?.download ?? null,
    list: async () => (await listed()).map(({ download }) => download),
    async cancel(id) {
      const holder = await holderOf(id);
      if (holder === null) return null;
      for await (const piece of view.ask(holder.worker, 'cancel-download', { id }, never))
        return piece as Download | null;
      return null;
    },
    async follow(id, signal) {
      const holder = await holderOf(id);
      return holder && (view.ask(holder.worker, 'follow-download', { id }, signal) as AsyncGenerator<Download, void>);
    },
    stop: async () => {},
  };
}
