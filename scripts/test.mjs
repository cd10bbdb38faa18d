import { runAttached } from './bootstrap/child.mjs';
import { bootstrap, failSetup } from './bootstrap.mjs';

await bootstrap({ forTests: true }).catch(failSetup);

const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
process.exitCode = await runAttached(process.execPath, vitest).catch(failSetup);
