import { parseArgs } from 'node:util';
import { createConversation, textOf } from './conversation.ts';
import { benchEngine } from './engine.ts';
import { machine, median } from './machine.ts';
import { benchModel } from './models.ts';

/**
 * Question: what does a follow-up in a long conversation cost? Time to its first token and tokens that are computed, beside the
 * same conversation read anew, in turns, in one run.
 */
const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    shape: { type: 'string', default: 'half' },
    rounds: { type: 'string', default: '5' },
    /** Of the conversation before the follow-up. */
    tokens: { type: 'string', default: '4000' },
    threads: { type: 'string' },
  },
});

const model = await benchModel({ ...options, shape: options.shape });
const tokens = Number(options.tokens);
const threads = options.threads === undefined ? null : Number(options.threads);
const engine = benchEngine({ threads, sequences: 2, contextLength: tokens + 1024 });
try {
  const conversation = createConversation(model, 'long');
  let before = await conversation.ask(engine, textOf(tokens));
  const rows: { anewMs: number; followUpMs: number; ratio: number; fresh: number; again: number }[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const anew = await conversation.askAnew(engine, 'And what came then?');
    const followUp = await conversation.ask(engine, 'And what came then?');
    const known = before.usage.promptTokens + before.tokenIds.length;
    const computed = followUp.usage.promptTokens - followUp.usage.reusedTokens;
    rows.push({
      anewMs: anew.firstMs,
      followUpMs: followUp.firstMs,
      ratio: followUp.firstMs / anew.firstMs,
      fresh: followUp.usage.promptTokens - known,
      again: computed - (followUp.usage.promptTokens - known),
    });
    before = followUp;
  }
  const of = (pick: (row: (typeof rows)[number]) => number) => median(rows.map(pick));
  console.log(`${model.name}, ${tokens} tokens before, ${machine()}, ${options.rounds} rounds in turns, medians`);
  console.log(
    `ms to the first token: follow-up ${of((row) => row.followUpMs).toFixed(0)}, read anew ${of((row) => row.anewMs).toFixed(0)}`,
  );
  console.log(
    `ratio: ${of((row) => row.ratio).toFixed(4)} (best ${Math.min(...rows.map((row) => row.ratio)).toFixed(4)})`,
  );
  console.log(
    `tokens: ${of((row) => row.fresh)} new, ${Math.max(...rows.map((row) => row.again))} computed again at most`,
  );
} finally {
  await engine.stop();
}
