import fc from 'fast-check';
import { describe, it } from 'vitest';
import { createFigures, faultRounds, seed } from '../testkit/rounds.ts';
import { anyCommand, beginSession } from './tree/commands.ts';
import { childrenOf, createModel } from './tree/model.ts';
import { openTreePortal } from './tree/portal.ts';

/** Portals side by side: a restart is mostly waiting. */
const portals = 2;
const mostCommands = 60;
const stories = faultRounds;
const timeout = 90_000 + stories * 10_000;

describe('the tree of a conversation', () => {
  it(`holds by a model of it: ${stories} stories of up to ${mostCommands} commands from two tabs, with crashes and restarts`, {
    timeout,
  }, async () => {
    const figures = createFigures();
    console.log(`the tree: ${stories} stories, FAULT_SEED=${seed}`);
    await Promise.all(
      Array.from({ length: portals }, async (_, lane) => {
        const portal = await openTreePortal();
        const story = fc.commands(anyCommand, { maxCommands: mostCommands, size: 'max' });
        const property = fc.asyncProperty(story, async (commands) => {
          await portal.reset();
          const model = createModel();
          await beginSession(model, portal);
          await fc.asyncModelRun(() => ({ model, real: portal }), commands);
          await portal.finish();
          await portal.check(model);
          for (const session of model.sessions) {
            figures.add('messages in a session', session.messages.length);
            figures.add(
              'alternatives at one place',
              Math.max(...session.messages.map(({ parentId }) => childrenOf(session, parentId).length), 0),
            );
          }
          figures.add('commands in a story', [...commands].length);
        });
        await fc.assert(property, {
          seed: seed + lane,
          numRuns: Math.ceil(stories / portals),
          // On a machine that is far too busy there are fewer stories; one that fails is shrunk as long as there is time to tell.
          interruptAfterTimeLimit: timeout - 30_000,
        });
      }),
    );
    figures.print(`the tree, ${stories} stories:`);
  });
});
