import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import { embeddingsAlone, type GgufHeader, readGgufHeader } from './gguf-header.ts';
import { guideNotice } from './guide-model.ts';
import { inGigabytes, mayHaveGraphicsMemory, memoryForOneModel } from './memory.ts';
import { estimateMemory, type ModelSize, planMemory } from './memory-estimate.ts';
import { noiseNotice, writeNoiseModel } from './noise-model.ts';

/** A model that is there; it can be used where `problem` is null. */
export interface CatalogModel {
  /** The file's name without `.gguf`; of a model behind a server, `server/model`. */
  name: string;
  path: string;
  /** Null where a server does not say, as the time. */
  sizeBytes: number | null;
  modifiedAt: Date | null;
  header: GgufHeader | null;
  /** Why it cannot be used. */
  problem: string | null;
  /** What one should know before using it. */
  notice: string | null;
  /** What loading it with the present settings takes; null where its header tells nothing. */
  memoryEstimateBytes: number | null;
  /** What its server says of it; null for a file. */
  remote: RemoteModel | null;
}

/** A model behind an OpenAI-compatible server. */
export interface RemoteModel {
  /** Its name in the settings. */
  server: string;
  /** What the server is: `vllm`, `llama-server`, `ollama`, or `openai` for any other. */
  provider: string;
  /** Tells models of one name apart, where the server does. */
  digest: string | null;
  /** True where the server says that it is in memory. */
  loaded: boolean;
  parameters: string | null;
  quantization: string | null;
  contextLength: number | null;
}

/**
 * The models that could answer. Those of the models folder are read anew at each call; a file that has not changed is not opened again.
 * `openai/remote-catalog.ts` adds those of servers.
 */
export interface Catalog {
  /** By name, the guide among them; broken files with their problem. Where none is usable, a model of noise stands in. */
  list(): Promise<CatalogModel[]>;
  find(name: string): Promise<CatalogModel | null>;
  /** The configured model, else the newest usable one, the guide only when alone; null where there is none. */
  defaultModel(): Promise<CatalogModel | null>;
  /** Why there is no default model; null where there is one. */
  defaultProblem(): Promise<string | null>;
  /** Files are opened again, also those that have not changed; says of how many models something was known. */
  forget(): number;
}

export interface CatalogOptions {
  config: Pick<Config['models'], 'dir' | 'preferred' | 'embedding' | 'sequences' | 'contextLength'>;
  dataDir: string;
  /** The built-in guide, in whichever folder; null for none. */
  guideFile?: string | null;
  logger: Logger;
  /** Whether a model of noise stands in where the folder holds none; false where models of servers answer. */
  standIn?: boolean;
  /** What a model may take when nothing else runs; null where a graphics card may bring more. */
  memoryBytes?: number | null;
}

const standInName = 'built-in-noise';
/** llama.cpp's name for one file of a model that is split into several. */
const partPattern = /^(.+)-(\d{5})-of-(\d{5})\.gguf$/;

export function createCatalog({
  config,
  dataDir,
  guideFile = null,
  logger,
  standIn: needsStandIn = true,
  memoryBytes = mayHaveGraphicsMemory() ? null : memoryForOneModel(),
}: CatalogOptions): Catalog {
  const standInPath = path.join(dataDir, 'models', `${standInName}.gguf`);
  let known = new Map<string, CatalogModel>();
  let listing: Promise<CatalogModel[]> | null = null;

  async function look(): Promise<CatalogModel[]> {
    const seen = new Map<string, CatalogModel>();
    await Promise.all([describeFolder(seen), guideFile === null ? null : describe([guideFile], seen)]);
    if (guideFile !== null) placeGuide(guideFile, seen);
    const models = [...seen.values()].sort((a, b) => a.name.localeCompare(b.name));
    if (needsStandIn && !models.some(isUsable)) models.push(...(await standIn(seen)));
    known = seen;
    return models;
  }

  async function describeFolder(seen: Map<string, CatalogModel>): Promise<void> {
    const files = await modelFiles(config.dir, logger);
    await Promise.all(files.map((parts) => describe(parts, seen)));
  }

  /** The guide is what lies at its own place; a file of its name in the models folder is then that same one, or gives way. */
  function placeGuide(file: string, seen: Map<string, CatalogModel>): void {
    const guide = seen.get(file);
    if (guide === undefined) return;
    for (const [place, { name }] of seen) if (name === guide.name && place !== file) seen.delete(place);
    if (guide.header !== null) seen.set(file, { ...guide, notice: guideNotice(guide.header) });
  }

  async function standIn(seen: Map<string, CatalogModel>): Promise<CatalogModel[]> {
    try {
      let model = await describe([standInPath], seen);
      if (model === null || !isUsable(model)) {
        await writeNoiseModel(standInPath);
        seen.delete(standInPath);
        model = await describe([standInPath], seen);
      }
      return model === null ? [] : [{ ...model, notice: noiseNotice }];
    } catch (error) {
      logger.warn({ err: error }, 'the built-in model could not be written');
      return [];
    }
  }

  /** Adds the model to `seen`; null where it vanished meanwhile. */
  async function describe(parts: readonly string[], seen: Map<string, CatalogModel>): Promise<CatalogModel | null> {
    const [first = ''] = parts;
    const stats = await Promise.all(parts.map((part) => stat(part).catch(() => null)));
    const present = stats.filter((part) => part !== null);
    if (present.length === 0) return null;
    const sizeBytes = present.reduce((sum, part) => sum + part.size, 0);
    const modifiedAt = new Date(Math.max(...present.map((part) => part.mtimeMs)));
    const before = known.get(first);
    const same = before?.sizeBytes === sizeBytes && before.modifiedAt?.getTime() === modifiedAt.getTime();
    const missing = stats.indexOf(null) + 1;
    const reading =
      before !== undefined && same
        ? before
        : missing > 0
          ? { header: null, problem: `Part ${missing} of ${parts.length} is missing.` }
          : await readGgufHeader(parts);
    const size = reading.header === null ? null : { header: reading.header, sizeBytes };
    const model: CatalogModel = {
      name: path.basename(first).slice(0, -'.gguf'.length),
      path: first,
      sizeBytes,
      modifiedAt,
      header: reading.header,
      problem: reading.problem ?? (size === null ? null : tooLarge(size)),
      notice: null,
      memoryEstimateBytes: size === null ? null : estimateMemory(size, config),
      remote: null,
    };
    seen.set(first, model);
    return model;
  }

  function tooLarge(model: ModelSize): string | null {
    if (memoryBytes === null) return null;
    const { bytes } = planMemory(model, config, memoryBytes);
    if (bytes <= memoryBytes) return null;
    return `It takes at least ${inGigabytes(bytes)} of memory; this machine has ${inGigabytes(memoryBytes)} for models.`;
  }

  function list(): Promise<CatalogModel[]> {
    listing ??= look().finally(() => {
      listing = null;
    });
    return listing;
  }

  async function chooseDefault(): Promise<{ model: CatalogModel; problem: null } | { model: null; problem: string }> {
    const models = await list();
    const { preferred } = config;
    if (preferred !== null) {
      const model = models.find(({ name }) => name === preferred);
      if (model === undefined)
        return { model: null, problem: `MODEL names ${preferred}, which is not in the models folder.` };
      if (model.problem !== null) return { model: null, problem: `MODEL names ${preferred}: ${model.problem}` };
      return { model, problem: null };
    }
    const [newest] = models.filter(isUsable).sort((a, b) => rank(a) - rank(b) || timeOf(b) - timeOf(a));
    if (newest === undefined) return { model: null, problem: 'The models folder holds no model that can be used.' };
    return { model: newest, problem: null };
  }

  /** The guide answers only where no other can, and the model for embeddings not even then. */
  function rank({ name, path: file }: CatalogModel): number {
    return name === config.embedding ? 2 : file === guideFile ? 1 : 0;
  }

  return {
    list,
    find: async (name) => (await list()).find((model) => model.name === name) ?? null,
    defaultModel: async () => (await chooseDefault()).model,
    forget() {
      const { size } = known;
      known = new Map();
      return size;
    },
    defaultProblem: async () => (await chooseDefault()).problem,
  };
}

/** Whether it can be loaded for embeddings: any model can, and some can nothing else. */
export function canEmbed({ problem }: CatalogModel): boolean {
  return problem === null || problem === embeddingsAlone;
}

function timeOf({ modifiedAt }: CatalogModel): number {
  return modifiedAt?.getTime() ?? 0;
}

function isUsable(model: CatalogModel): boolean {
  return model.problem === null;
}

/** The files of each model in the folder, in order; a folder that is not there, or is none, is empty. */
async function modelFiles(dir: string, logger: Logger): Promise<string[][]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') logger.warn(`The models folder ${dir} cannot be read (${error.code}).`);
    return [];
  });
  const models: string[][] = [];
  for (const name of names) {
    if (!name.endsWith('.gguf') || name.startsWith('.')) continue;
    const [, base, part, count] = partPattern.exec(name) ?? [];
    if (base === undefined || count === undefined) {
      models.push([path.join(dir, name)]);
    } else if (part === '00001') {
      const parts = Array.from(
        { length: Number(count) },
        (_, i) => `${base}-${String(i + 1).padStart(5, '0')}-of-${count}`,
      );
      models.push(parts.slice(0, mostParts).map((stem) => path.join(dir, `${stem}.gguf`)));
    }
  }
  return models;
}

/** A name that claims more parts is refused by its missing ones. */
const mostParts = 256;
