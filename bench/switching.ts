import { parseArgs } from 'node:util';
import { createConversation, textOf } from './conversation.ts';
import { benchEngine } from './engine.ts';
import { machine, median } from './machine.ts';
import { benchModel } from './models.ts';

/**
 * Question: what does it cost to go on with a conversation whose sequence went to others? Time to the first token with 20
 * conversations on 8 sequences: put away as a file, still in place, and computed anew, in turns, in one run.
 */
const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    shape: { type: 'string', default: 'half' },
    rounds: { type: 'string', default: '2' },
    conversations: { type: 'string', default: '20' },
    sequences: { type: 'string', default: '8' },
    /** Of each conversation. */
    tokens: { type: 'string', default: '750' },
    threads: { type: 'string' },
  },
});

const model = await benchModel({ ...options, shape: options.shape });
const threads = options.threads === undefined ? null : Number(options.threads);
const sequences = Number(options.sequences);
const engine = benchEngine({ threads, sequences, contextLength: Number(options.tokens) + 512 });
try {
  const conversations = Array.from({ length: Number(options.conversations) }, (_, index) =>
    createConversation(model, `conversation ${index}`),
  );
  for (const [index, conversation] of conversations.entries()) {
    await conversation.ask(engine, `${index}: ${textOf(Number(options.tokens))}`);
  }
  const rows: { back: number; inPlace: number; anew: number }[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    // The one that comes next is always the one that was used longest ago: it has been put away.
    for (const conversation of conversations) {
      const back = await conversation.ask(engine, 'Go on.');
      const inPlace = await conversation.ask(engine, 'Go on.');
      const anew = await conversation.askAnew(engine, 'Go on.');
      if (back.usage.reusedTokens < Number(options.tokens) / 2) throw new Error('a state did not come back');
      rows.push({ back: back.firstMs, inPlace: inPlace.firstMs, anew: anew.firstMs });
    }
  }
  const of = (pick: (row: (typeof rows)[number]) => number) => median(rows.map(pick));
  console.log(
    `${model.name}, ${conversations.length} conversations of ${options.tokens} tokens on ${sequences} sequences, ` +
      `${machine()}, ${rows.length} turns, medians of ms to the first token`,
  );
  console.log(
    `put away ${of((row) => row.back).toFixed(1)}, in place ${of((row) => row.inPlace).toFixed(1)}, ` +
      `computed anew ${of((row) => row.anew).toFixed(1)}`,
  );
  console.log(
    `ratios, of each turn: put away / in place ${of((row) => row.back / row.inPlace).toFixed(2)}, ` +
      `put away / computed ${of((row) => row.back / row.anew).toFixed(3)}`,
  );
} finally {
  await engine.stop();
}
