// `npm start` is `exec node …`, so that a signal to npm reaches this process and not a shell that passes nothing on; what
// follows the `||` there is for Windows, whose shell has no exec.
import { bootstrap, failSetup } from './bootstrap.mjs';

await bootstrap().catch(failSetup);

// The server runs in this very process, so that signals and exit codes are its own.
const { register } = await import('tsx/esm/api');
register();
await import('../server/main.ts');
