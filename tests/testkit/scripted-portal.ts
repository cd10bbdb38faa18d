import { buildApp } from '../../server/app.ts';
import { configOfProcess } from '../../server/config.ts';
import { createScriptedEngine } from '../../server/inference/scripted-engine.ts';

/** The portal as a process of its own, with an engine whose answers are known: a token each `TOKEN_MS`. */
const engine = createScriptedEngine({ tokenDelayMs: Number(process.env.TOKEN_MS ?? 0), sequences: 8 });
const app = await buildApp(configOfProcess(), { engine });
process.on('SIGTERM', async () => {
  await app.stop();
  process.exit(0);
});
await app.start();
await app.whenReady();
console.log('ready');
