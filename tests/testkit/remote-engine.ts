import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../server/config.ts';
import { type Catalog, createCatalog } from '../../server/inference/catalog.ts';
import type { Engine, EngineEvent, EngineUsage, GenerateRequest, ModelFile } from '../../server/inference/engine.ts';
import { createOpenAiEngine } from '../../server/inference/openai/openai-engine.ts';
import { createRemoteCatalog } from '../../server/inference/openai/remote-catalog.ts';
import { createRemoteServer, type RemoteServer } from '../../server/inference/openai/remote-server.ts';
import { createLogger, type Logger } from '../../server/logger.ts';

export interface RemoteEngine {
  engine: Engine;
  catalog: Catalog;
  servers: RemoteServer[];
  modelsDir: string;
  /** The model of this name; throws where there is none. */
  find(name: string): Promise<ModelFile>;
}

/** An engine over the servers that these settings name, with a models folder that is empty. */
export async function startRemoteEngine(
  env: Record<string, string>,
  {
    timeouts = {},
    logger = createLogger({ level: 'silent', json: true }),
    guideFile = null,
  }: {
    timeouts?: Partial<Config['serverTimeouts']>;
    logger?: Logger;
    guideFile?: string | null;
  } = {},
): Promise<RemoteEngine> {
  const folder = await mkdtemp(path.join(tmpdir(), 'remote-'));
  const config = readConfig({ MODELS_DIR: folder, DATA_DIR: folder, ...env }, folder);
  const serverTimeouts = { ...config.serverTimeouts, ...timeouts };
  const servers = config.servers.map((server) => createRemoteServer(server, serverTimeouts, logger));
  const local = createCatalog({ config: config.models, dataDir: folder, logger, guideFile, standIn: false });
  const catalog = createRemoteCatalog({ local, servers, guideFile, config: config.models });
  const engine = createOpenAiEngine({ servers, sequences: config.models.sequences, timeouts: serverTimeouts });
  engine.start();
  onTestFinished(async () => {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    engine,
    catalog,
    servers,
    modelsDir: folder,
    async find(name) {
      const model = await catalog.find(name);
      if (model === null) throw new Error(`there is no model ${name}`);
      return model;
    },
  };
}

const sampling = { temperature: 0.5, topP: 0.9, topK: 40, minP: 0.1, repeatPenalty: 1.2, seed: 7 };

export function questionFor(
  model: ModelFile,
  content: string,
  changes: Partial<GenerateRequest> = {},
): GenerateRequest {
  return { model, conversation: content, messages: [{ role: 'user', content }], sampling, maxTokens: 1000, ...changes };
}

export interface RemoteReply {
  text: string;
  events: EngineEvent[];
  /** What ended it without an end. */
  error: unknown;
  finishReason: string | null;
  usage: EngineUsage | null;
}

/** Runs a reply to its end or its error. */
export async function runToEnd(
  engine: Engine,
  request: GenerateRequest,
  { signal = new AbortController().signal, onEvent = (_: EngineEvent) => {} } = {},
): Promise<RemoteReply> {
  const reply: RemoteReply = { text: '', events: [], error: null, finishReason: null, usage: null };
  try {
    for await (const event of engine.generate(request, signal)) {
      reply.events.push(event);
      if (event.type === 'text') reply.text += event.text;
      if (event.type === 'end') Object.assign(reply, { finishReason: event.finishReason, usage: event.usage });
      onEvent(event);
    }
  } catch (error) {
    reply.error = error;
  }
  return reply;
}
