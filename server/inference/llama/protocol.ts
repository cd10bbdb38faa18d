import type { Config } from '../../config.ts';
import type { EngineError, EngineEvent, GenerateRequest, LoadedModel, ModelFile, PromptMessage } from '../engine.ts';

/** How the child may use the machine. */
export type ChildSettings = Pick<Config['models'], 'threads' | 'sequences' | 'contextLength' | 'gpu' | 'states'> & {
  sharedSystemPrompt: string;
};

export type EmbedderSettings = Pick<Config['models'], 'threads' | 'gpu'>;

/** What the server asks of the child that holds llama.cpp. An `id` comes back with every answer to it. */
export type ToChild =
  | { type: 'ping' }
  | { type: 'load'; id: number; model: ModelFile; settings: ChildSettings }
  /** Ends what runs, and puts the states of conversations away. */
  | { type: 'unload'; id: number }
  | { type: 'forget'; id: number; conversation: string }
  | { type: 'count'; id: number; messages: readonly PromptMessage[] }
  | { type: 'tokenize'; id: number; text: string }
  | { type: 'generate'; id: number; request: ChildGenerateRequest }
  | { type: 'cancel'; id: number }
  /** A model for embeddings, in the place of any other. */
  | { type: 'loadEmbedder'; id: number; model: ModelFile; settings: EmbedderSettings }
  | { type: 'measure'; id: number; text: string }
  | { type: 'embed'; id: number; text: string };

export type ChildGenerateRequest = Omit<GenerateRequest, 'model'>;

/** Comes in arrays: what belongs to one moment travels together. */
export type FromChild =
  | { type: 'ready' }
  | { type: 'pong' }
  | { type: 'log'; level: 'warn' | 'error'; message: string }
  | { type: 'loaded'; id: number; model: LoadedModel }
  | { type: 'unloaded'; id: number }
  | { type: 'forgotten'; id: number }
  | { type: 'counted'; id: number; tokens: number }
  | { type: 'measured'; id: number; tokens: number }
  | { type: 'embedded'; id: number; vector: number[] }
  | { type: 'tokenized'; id: number; tokens: number[] }
  /** The last one of an `id` is of type `end`. */
  | { type: 'event'; id: number; event: EngineEvent }
  | { type: 'failed'; id: number; code: EngineError['code']; message: string };
