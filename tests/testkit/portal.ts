import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type App, buildApp, type Overrides } from '../../server/app.ts';
import { type Config, readConfig } from '../../server/config.ts';
import { writeNoiseModel } from '../../server/inference/noise-model.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';
import { createTestDatabase } from './postgres.ts';

export interface TestPortal {
  app: App;
  config: Config;
  url: string;
  databaseUrl: string;
  engine: ReturnType<typeof createScriptedEngine>;
}

interface Options {
  env?: Record<string, string>;
  /** Another portal on the same database. */
  databaseUrl?: string;
  engine?: ReturnType<typeof createScriptedEngine>;
  /** By default a scripted engine, and no built-in guide. */
  overrides?: Overrides;
  /** False for a models folder with nothing in it and no model of our own. */
  withModel?: boolean;
  /** True for the built-in guide alone, in llama.cpp. */
  withGuide?: boolean;
}

/** A portal of its own on a free port, with a database of its own; stopped and removed when the test ends. */
export async function startPortal(options: Options = {}): Promise<TestPortal> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portal-'));
  const modelsDir = path.join(folder, 'models');
  if (options.withModel !== false && !options.withGuide) {
    await mkdir(modelsDir);
    await writeFile(path.join(modelsDir, 'test-model.gguf'), await noiseModel());
  }
  const databaseUrl = options.databaseUrl ?? (await databaseOfTest());
  const engine = options.engine ?? createScriptedEngine();
  const config = readConfig(
    {
      PORT: '0',
      DATA_DIR: path.join(folder, 'data'),
      MODELS_DIR: modelsDir,
      DATABASE_URL: databaseUrl,
      LOG_LEVEL: 'silent',
      ...options.env,
    },
    folder,
  );
  const inPlace = options.withGuide ? {} : { engine, guideFile: null };
  const app = await buildApp(config, { ...inPlace, ...options.overrides });
  onTestFinished(async () => {
    await app.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await app.start();
  await app.whenReady();
  return { app, config, url: app.url, databaseUrl, engine };
}

let made: Promise<Buffer> | null = null;

/** Made once for all portals of a process: making it takes longer than starting one. */
function noiseModel(): Promise<Buffer> {
  made ??= makeNoiseModel();
  return made;
}

async function makeNoiseModel(): Promise<Buffer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'noise-'));
  try {
    const file = path.join(folder, 'noise.gguf');
    await writeNoiseModel(file);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function databaseOfTest(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}
