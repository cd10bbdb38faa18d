import {
  getLlama,
  InsufficientMemoryError,
  type Llama,
  type LlamaContext,
  LlamaLogLevel,
  type LlamaModel,
} from 'node-llama-cpp';
import { EngineError, type ModelFile } from '../engine.ts';
import { inGigabytes, memoryForModels } from '../memory.ts';
import { type Capacity, defaultContextLength, planMemory } from '../memory-estimate.ts';
import { holdModel, type ModelInMemory } from './loaded-model.ts';
import { processorsOf } from './processors.ts';
import type { ChildSettings } from './protocol.ts';
import { fingerprintOf } from './state-fingerprint.ts';
import { openStateFolder } from './state-folder.ts';
import { createStateShelf } from './state-shelf.ts';
import { createThreadRule, type ThreadRule } from './thread-rule.ts';

type Log = (level: 'warn' | 'error', message: string) => void;

/**
 * On a processor a batch of 128 reads prompts as fast as a larger one, in a quarter of the memory; and 32 tokens beside
 * running replies cost them a few tokens' time and the prompt a third more.
 */
const processorBatch = 128;
const graphicsBatch = 512;
const besideReplies = 32;

/** Loads llama.cpp's library; the first step of the first load. */
export function loadLlama(settings: Pick<ChildSettings, 'gpu'>, log: Log): Promise<Llama> {
  return getLlama({
    gpu: settings.gpu,
    build: 'never',
    // The library's own default is far above the cores of a small machine; each load sets the right one.
    maxThreads: 1,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => log(level === LlamaLogLevel.warn ? 'warn' : 'error', message.trim()),
  });
}

export async function loadModel(
  llama: Llama,
  file: ModelFile,
  settings: ChildSettings,
  log: Log,
): Promise<ModelInMemory> {
  // A graphics card has memory of its own, which the library looks after.
  const plan = llama.gpu === false ? planFor(file, settings) : null;
  const model = await llama.loadModel({ modelPath: file.path });
  try {
    const batchSize = llama.gpu === false ? processorBatch : graphicsBatch;
    const threads = threadsFor(llama, settings);
    const context = await createContext(model, plan ?? wanted(model, settings), batchSize);
    const folder = openStateFolder({
      dir: settings.states.dir,
      maxBytes: settings.states.maxBytes,
      fingerprint: fingerprintOf(file, context),
      mostTokens: context.contextSize,
    });
    return await holdModel({
      file,
      model,
      context,
      limits: { alone: batchSize, beside: besideReplies },
      threads,
      shelf: createStateShelf(folder, log),
      sharedSystemPrompt: settings.sharedSystemPrompt,
      notice: noticeOf(context, wanted(model, settings)),
    });
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** As many as are set, always; or by the rule. */
export function threadsFor(llama: Llama, { threads }: Pick<ChildSettings, 'threads'>): ThreadRule {
  const apply = (count: number) => {
    llama.maxThreads = count;
  };
  if (threads === null) return createThreadRule(processorsOf(llama.cpuMathCores), apply);
  apply(threads);
  return { watch: () => () => undefined };
}

/**
 * What fits into the memory that is free now; null where nothing is known of the model. Throws EngineError `cannot_load` where
 * not even the least fits.
 */
function planFor({ name, header, sizeBytes }: ModelFile, settings: ChildSettings): Capacity | null {
  if (header === undefined || header === null || typeof sizeBytes !== 'number') return null;
  const available = memoryForModels();
  const plan = planMemory({ header, sizeBytes }, settings, available);
  if (plan.bytes <= available) return plan;
  throw new EngineError(
    'cannot_load',
    `The model ${name} takes at least ${inGigabytes(plan.bytes)} of memory, and ${inGigabytes(available)} are free for it.`,
  );
}

function wanted(model: LlamaModel, { sequences, contextLength }: ChildSettings): Capacity {
  return { sequences, contextLength: Math.min(model.trainContextSize, contextLength ?? defaultContextLength) };
}

/** With half the sequences, and half again, where the memory does not hold them all. */
async function createContext(model: LlamaModel, capacity: Capacity, batchSize: number): Promise<LlamaContext> {
  for (let { sequences } = capacity; ; sequences = Math.floor(sequences / 2)) {
    try {
      return await model.createContext({
        contextSize: capacity.contextLength,
        sequences,
        batchSize,
        flashAttention: 'auto',
        threads: model.llama.maxThreads,
        // The scheduler never asks for more than fits into one batch.
        batching: { itemPrioritizationStrategy: 'firstInFirstOut' },
        failedCreationRemedy: false,
      });
    } catch (error) {
      if (!(error instanceof InsufficientMemoryError) || sequences <= 1) throw error;
    }
  }
}

/** Says so where less fits than is set. */
function noticeOf(context: LlamaContext, { sequences, contextLength }: Capacity): string | undefined {
  if (context.totalSequences >= sequences && context.contextSize >= contextLength) return undefined;
  return (
    `Memory is short: this model runs ${context.totalSequences} of ${sequences} conversations at once, ` +
    `with ${context.contextSize} of ${contextLength} tokens each.`
  );
}
