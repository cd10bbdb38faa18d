import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

/**
 * The baseline: node-llama-cpp in a loop, with nothing around it. Runs in a process of its own, since the library is fastest
 * with one thread in libuv's pool. Messages: `{ model, threads, contextSize, prompt, maxTokens }` in, figures out.
 */
export interface BareRun {
  model: string;
  threads: number;
  contextSize: number;
  prompt: string;
  maxTokens: number;
}

export interface Figures {
  timeToFirstTokenMs: number;
  tokensPerSecond: number;
}

process.on('message', async (run: BareRun) => {
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: run.threads, logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath: run.model });
  const context = await model.createContext({ contextSize: run.contextSize, sequences: 1, threads: run.threads });
  const sequence = context.getSequence();
  process.send?.('loaded');

  process.removeAllListeners('message');
  process.on('message', async () => {
    await sequence.clearHistory();
    const tokens = model.tokenize(run.prompt, true);
    const startedAt = performance.now();
    let firstAt = startedAt;
    let count = 0;
    for await (const token of sequence.evaluate(tokens, { temperature: 0.7, topK: 40, topP: 0.95, minP: 0.05 })) {
      model.detokenize([token]);
      count += 1;
      if (count === 1) firstAt = performance.now();
      if (count === run.maxTokens) break;
    }
    const figures: Figures = {
      timeToFirstTokenMs: firstAt - startedAt,
      tokensPerSecond: (count - 1) / ((performance.now() - firstAt) / 1000),
    };
    process.send?.(figures);
  });
});
