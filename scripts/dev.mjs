import { spawn } from 'node:child_process';
import { exitOf } from './bootstrap/child.mjs';
import { bootstrap, failSetup } from './bootstrap.mjs';

await bootstrap({ webApp: false }).catch(failSetup);

// The server starts anew when a file of its own changes; Vite serves the web app and passes the rest on to it.
const commands = [
  ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'server/main.ts'],
  ['node_modules/vite/bin/vite.js', '--config', 'web/vite.config.ts'],
];
const children = commands.map((args) => spawn(process.execPath, args, { stdio: 'inherit' }));
const exits = children.map(exitOf);

// One alone is no use: the first that ends takes the other with it.
process.exitCode = await Promise.race(exits);
for (const child of children) child.kill();
await Promise.all(exits);
