import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readGgufHeader } from '../../server/inference/gguf-header.ts';
import { guideFile } from '../../server/inference/guide-model.ts';
import { createSession, followByWebSocket, readToEnd, send } from '../testkit/chat.ts';
import { askFor, connect } from '../testkit/graph.ts';
import { startPortal } from '../testkit/portal.ts';

const env = { TEMPERATURE: '0', MODEL_THREADS: '1', MODEL_GPU: 'false' };

/** Words of each question, and what the answer must say. */
const facts: readonly (readonly [string, RegExp])[] = [
  ['Who are you?', /built-in guide/],
  ['What is PocketLLM?', /runs on your own computer/],
  ['How do I pin a message?', /Press the pin under the message/],
  ['How do I search all my conversations?', /Search messages|Ctrl\+K/],
  ['Which route exports a session?', /GET \/api\/v1\/sessions\/\{id\}\/export/],
  ['Which mutation stops a reply?', /`stopReply\(id\)`/],
  ['What is the default of PORT?', /8000/],
  ['How do I add a bigger model?', /GGUF/],
  ['What is 7 + 5?', /= 12\./],
  ['What is the capital of Norway?', /I do not know that/],
];

async function ask(url: string, sessionId: string, content: string): Promise<string> {
  const { reply } = await send(url, sessionId, content);
  const { message } = await readToEnd(followByWebSocket(connect(url), reply.id));
  return message.content;
}

describe('the built-in guide', () => {
  it('is small, and of the make that llama.cpp and people expect', async () => {
    expect((await stat(guideFile)).size).toBeLessThan(12e6);
    const { header } = await readGgufHeader([guideFile]);
    expect(header).toMatchObject({ architecture: 'llama', quantization: 'Q8_0', contextLength: 2048 });
    expect(header?.chatTemplate).toContain('<|im_start|>');
  });

  it('answers where no other model is there, says what it is, and knows the portal', async () => {
    const { url } = await startPortal({ withGuide: true, env });
    const { models } = await askFor<{ models: { name: string; isDefault: boolean; notice: string | null }[] }>(
      url,
      '{ models { name isDefault notice } }',
    );
    expect(models).toMatchObject([{ name: 'pocket-guide', isDefault: true }]);
    expect(models[0]?.notice).toMatch(/^Built-in guide, [\d.]+ million parameters: knows this portal and small talk/);
    for (const [question, says] of facts) expect(await ask(url, await createSession(url), question)).toMatch(says);
  });

  it('remembers what it was told earlier in the conversation', async () => {
    const { url } = await startPortal({ withGuide: true, env });
    const sessionId = await createSession(url);
    await ask(url, sessionId, 'My name is Rosalind.');
    await ask(url, sessionId, 'How do I export a chat?');
    expect(await ask(url, sessionId, 'What is my name?')).toContain('Rosalind');
  });
});
