import { requireAdmin, type Viewer } from '../accounts/viewer.ts';
import type { Catalog } from '../inference/catalog.ts';
import type { Download, Downloads, PullableModel } from '../inference/downloads.ts';
import { notFound, parseId } from './input.ts';

export type { Download };

/** What could be pulled, as people see it. */
export interface CatalogueEntry extends PullableModel {
  /** Whether this machine can hold it, with fewer conversations at once where need be. */
  fits: boolean;
  /** Whether a model of this name is there. */
  installed: boolean;
}

export type ModelDownloads = ReturnType<typeof createModelDownloads>;

interface Parts {
  downloads: Downloads;
  catalog: Pick<Catalog, 'list'>;
  /** What a model may take of this machine. */
  memoryBytes: () => number;
}

/** Models that are brought here from elsewhere: the list is everybody's, pulling is for administrators. */
export function createModelDownloads({ downloads, catalog, memoryBytes }: Parts) {
  return {
    /** Smallest first. */
    async catalogue(): Promise<CatalogueEntry[]> {
      const installed = new Set((await catalog.list()).map(({ name }) => name));
      return downloads.catalogue().map((model) => ({
        ...model,
        fits: model.leastMemoryBytes <= memoryBytes(),
        installed: installed.has(model.name),
      }));
    },

    /** Throws `forbidden`, `invalid_input`, `conflict`, `overloaded`: see Downloads. */
    async pull(viewer: Viewer, name: string): Promise<Download> {
      await requireAdmin(viewer);
      return downloads.pull(name);
    },

    /** Those that run and the newest that ended, newest first. Throws `forbidden`. */
    async list(viewer: Viewer): Promise<Download[]> {
      await requireAdmin(viewer);
      return downloads.list();
    },

    /** Throws `forbidden`, `not_found`. */
    async get(viewer: Viewer, id: string): Promise<Download> {
      await requireAdmin(viewer);
      return known(await downloads.find(parseId(id) ?? ''));
    },

    /** Ends it and removes what has arrived; one that has ended well stays as it is. Throws `forbidden`, `not_found`. */
    async cancel(viewer: Viewer, id: string): Promise<Download> {
      await requireAdmin(viewer);
      return known(await downloads.cancel(parseId(id) ?? ''));
    },

    /** As it is, then as it changes; the end is last. Throws `forbidden`, `not_found`. */
    async follow(viewer: Viewer, id: string, signal: AbortSignal): Promise<AsyncGenerator<Download, void>> {
      await requireAdmin(viewer);
      return known(await downloads.follow(parseId(id) ?? '', signal));
    },
  };
}

function known<Found>(found: Found | null): Found {
  if (found === null) throw notFound('download');
  return found;
}
