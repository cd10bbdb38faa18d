import { spawn } from 'node:child_process';
import { exitOf } from './bootstrap/child.mjs';
import { bootstrap, failSetup } from './bootstrap.mjs';

await bootstrap({ webApp: false }).catch(failSetup);

// The server starts anew when a file of its own changes; Vite serves the web app and passes the rest on to it.
const commands = [
  ['node_modules/tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'server/main.ts'],
  ['node_modules/vite/bin/vite.js', '--config', 'web/vite.config.ts'],
];
// Each in a group of its own, so that Ctrl-C comes to us alone: a second signal would kill the server in mid-stop.
const ownGroup = process.platform !== 'win32';
const children = commands.map((args) =>
  spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: ownGroup }),
);
const exits = children.map(exitOf);

let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  for (const child of children) child.kill();
}
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, stop);
process.on('SIGTERM', () => {
  stopping = true;
});

// One alone is no use: the first that ends takes the other with it.
process.exitCode = await Promise.race(exits);
stop();
await Promise.all(exits);
