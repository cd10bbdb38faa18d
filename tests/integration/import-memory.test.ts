import { readFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { importFile } from '../testkit/portability.ts';
import { spawnPortal } from '../testkit/portal-process.ts';
import { createTestDatabase } from '../testkit/postgres.ts';

const mebibyte = 1024 * 1024;

/** A list of JSON values of some size between what stands before and behind it, made while it is sent. */
function generated(
  bytes: number,
  make: (index: number) => unknown,
  { before = '[', behind = ']' } = {},
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let [sent, index] = [0, 0];
  return new ReadableStream(
    {
      pull(controller) {
        const text = `${index === 0 ? before : ','}${JSON.stringify(make(index))}`;
        const last = sent + 2 * text.length > bytes;
        const chunk = encoder.encode(last ? text + behind : text);
        controller.enqueue(chunk);
        sent += chunk.length;
        index += 1;
        if (last) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Memory of a process in MiB: now, and from then on the most that a sample every 20 ms finds. */
function watchMemory(pid: number) {
  const read = async () => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  let most = 0;
  const timer = setInterval(async () => {
    most = Math.max(most, await read().catch(() => 0));
  }, 20);
  return {
    read,
    stop(): number {
      clearInterval(timer);
      return most;
    },
  };
}

async function startProcess() {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const portal = await spawnPortal({ PORT: '0', DATABASE_URL: database.url, MODEL_GPU: 'false' });
  const [, url] = await portal.waitFor(/is at (http:\/\/[^"\s]+)/);
  await expect.poll(async () => (await fetch(`${url}/api/v1/sessions`)).status, { timeout: 30_000 }).toBe(200);
  return { url: url ?? '', pid: portal.pid };
}

/** 40 messages of 1 kB as ChatGPT writes them, each conversation another. */
function chatGptConversation(index: number) {
  const nodes = Array.from({ length: 40 }, (_, at) => ({
    id: `n${at}`,
    parent: at === 0 ? null : `n${at - 1}`,
    children: at === 39 ? [] : [`n${at + 1}`],
    message: {
      author: { role: at % 2 === 0 ? 'user' : 'assistant' },
      create_time: 1_700_000_000 + at,
      content: { content_type: 'text', parts: [`${index} ${at} ${'word '.repeat(200)}`] },
      metadata: {},
    },
  }));
  const mapping = Object.fromEntries(nodes.map((node) => [node.id, node]));
  return { title: `Chat ${index}`, conversation_id: `c${index}`, current_node: 'n39', mapping };
}

const grew = (mib: number) => `${mib < 0 ? '' : '+'}${mib.toFixed(0)} MiB`;

describe.runIf(process.platform === 'linux')('memory', () => {
  it('does not grow with the file: 100 MiB take what 10 MiB take', async () => {
    const { url, pid } = await startProcess();
    const growth = async (bytes: number) => {
      const memory = watchMemory(pid);
      const before = await memory.read();
      const startedAt = performance.now();
      const { status, report } = await importFile(url, generated(bytes, chatGptConversation), { dryRun: true });
      expect([status, report.failed]).toEqual([200, 0]);
      return { mib: memory.stop() - before, seconds: (performance.now() - startedAt) / 1000, count: report.imported };
    };
    await growth(10 * mebibyte);
    const small = await growth(10 * mebibyte);
    const large = await growth(100 * mebibyte);
    console.log(
      `memory of an import: ${grew(small.mib)} for 10 MiB, ${grew(large.mib)} for 100 MiB of ` +
        `${large.count} conversations (${large.seconds.toFixed(1)} s)`,
    );
    expect(large.mib).toBeLessThan(100);
  }, 300_000);

  it('does not grow with a conversation: one of 100 MiB is looked through, one of 20 MiB is stored and exported', async () => {
    const { url, pid } = await startProcess();
    const message = (index: number) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `${index} ${'a long message '.repeat(700)}`,
    });
    const one = (bytes: number) => generated(bytes, message, { before: '{"messages":[', behind: ']}' });
    await importFile(url, one(mebibyte));
    const grown = async <Result>(work: () => Promise<Result>) => {
      const memory = watchMemory(pid);
      const before = await memory.read();
      const result = await work();
      return { result, mib: memory.stop() - before };
    };
    const looked = await grown(() => importFile(url, one(100 * mebibyte), { dryRun: true }));
    const stored = await grown(() => importFile(url, one(20 * mebibyte)));
    expect([looked.result.report.imported, stored.result.report.imported]).toEqual([1, 1]);
    const exported = await grown(async () => {
      let bytes = 0;
      const response = await fetch(`${url}/api/v1/export`, { headers: { 'accept-encoding': 'identity' } });
      for await (const chunk of response.body ?? []) bytes += chunk.length;
      return bytes;
    });
    expect(exported.result).toBeGreaterThan(20 * mebibyte);
    console.log(
      `memory of one conversation: ${grew(looked.mib)} to look through 100 MiB, ${grew(stored.mib)} to store 20 MiB, ` +
        `${grew(exported.mib)} to export it`,
    );
    for (const { mib } of [looked, stored, exported]) expect(mib).toBeLessThan(120);
  }, 300_000);
});
