import type { CatalogModel } from '../../inference/catalog.ts';
import type { EngineStatus } from '../../inference/engine.ts';
import type { Database } from '../../stores/database.ts';

/** What a process that holds models says of itself. */
export interface WorkerRecord {
  status: EngineStatus;
  models: CatalogModel[];
  /** Name of the default model, or why there is none. */
  defaultModel: string | null;
  defaultProblem: string | null;
  /** Name of the model for embeddings, or why it cannot be used; both null where none is set. */
  embeddingModel: string | null;
  embeddingProblem: string | null;
  /** What a model may take of its machine. */
  memoryBytes: number;
}

export interface Worker {
  owner: string;
  /** Seen a moment ago. */
  living: boolean;
  record: WorkerRecord;
}

/** A process that was not seen for so long is gone or busy with nothing but itself. */
const livingForMs = 12_000;
/** What the models of a process were is known for so long after it. */
const rememberedForMs = 86_400_000;

export type WorkerDirectory = ReturnType<typeof createWorkerDirectory>;

/** Who holds models, in the database. */
export function createWorkerDirectory({ db }: { db: Database }) {
  /** What the row of this process holds, as it was written last. */
  let written = '';

  return {
    /** Says that this process lives, and how it is doing. To be called every few seconds. */
    async announce(owner: string, places: number, record: WorkerRecord): Promise<void> {
      const text = JSON.stringify([places, record]);
      const unchanged = text === written;
      // Most of it hardly ever changes, and then is not written again.
      const known =
        unchanged && (await db.$executeRaw`update workers set seen_at = now() where owner = ${owner}`) === 1;
      if (known) return;
      await db.$executeRaw`
        insert into workers (owner, places, record) values (${owner}, ${places}, ${JSON.stringify(record)}::jsonb)
        on conflict (owner) do update set seen_at = now(), places = excluded.places, record = excluded.record`;
      if (written === '') {
        await db.$executeRaw`delete from workers where seen_at < now() - ${rememberedForMs} * interval '1 millisecond'`;
      }
      written = text;
    },

    /** Says that this process takes nothing more; what its models were is still known. */
    async leave(owner: string): Promise<void> {
      await db.$executeRaw`update workers set seen_at = now() - interval '1 hour' where owner = ${owner}`;
    },

    /** Everyone who is known, who has been there longest first. */
    async read(): Promise<Worker[]> {
      const rows = await db.$queryRaw<Worker[]>`
        select owner, record, seen_at > now() - ${livingForMs} * interval '1 millisecond' as living
        from workers order by started_at, owner`;
      return rows.map(({ record, ...row }) => ({
        ...row,
        record: {
          ...record,
          models: record.models.map((model) => ({
            ...model,
            modifiedAt: model.modifiedAt === null ? null : new Date(model.modifiedAt),
          })),
        },
      }));
    },
  };
}
