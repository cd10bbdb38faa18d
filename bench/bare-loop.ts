import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

/**
 * The baseline: node-llama-cpp in a loop, with nothing around it; several streams are stepped together, so that they share
 * each decode call. Runs in a process of its own, since the library is fastest with one thread in libuv's pool.
 */
export interface BareRun {
  model: string;
  threads: number;
  contextSize: number;
  streams: number;
  prompt: string;
  /** Of each stream. */
  maxTokens: number;
}

export interface Figures {
  /** Of the first stream. */
  timeToFirstTokenMs: number;
  /** Of all streams, from the first token to the last. */
  tokensPerSecond: number;
  /** Milliseconds of processor time a token: of the process that computes, and of the one that hands on. */
  computingMs: number;
  handingOnMs: number;
}

process.on('message', async (run: BareRun) => {
  const llama = await getLlama({ gpu: false, build: 'never', maxThreads: run.threads, logLevel: LlamaLogLevel.error });
  const model = await llama.loadModel({ modelPath: run.model });
  const context = await model.createContext({
    contextSize: run.contextSize,
    sequences: run.streams,
    threads: run.threads,
    flashAttention: 'auto',
  });
  const sequences = Array.from({ length: run.streams }, () => context.getSequence());
  process.send?.('loaded');

  process.removeAllListeners('message');
  process.on('message', async () => {
    const readers = [];
    for (const [seed, sequence] of sequences.entries()) {
      await sequence.clearHistory();
      const options = { temperature: 0.7, topK: 40, topP: 0.95, minP: 0, seed };
      readers.push(sequence.evaluate(model.tokenize(run.prompt, true), options));
    }
    const startedAt = performance.now();
    const cpuBefore = process.cpuUsage();
    let firstAt = 0;
    let count = 0;
    for (let step = 0; step < run.maxTokens; step++) {
      const tokens = await Promise.all(readers.map((reader) => reader.next()));
      firstAt ||= performance.now();
      for (const { value } of tokens) {
        if (value === undefined) continue;
        model.detokenize([value]);
        count++;
      }
    }
    const { user, system } = process.cpuUsage(cpuBefore);
    for (const reader of readers) await reader.return();
    const figures: Figures = {
      timeToFirstTokenMs: firstAt - startedAt,
      tokensPerSecond: (count - run.streams) / ((performance.now() - firstAt) / 1000),
      computingMs: (user + system) / 1000 / count,
      handingOnMs: 0,
    };
    process.send?.(figures);
  });
});
