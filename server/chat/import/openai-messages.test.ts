import { describe, expect, it } from 'vitest';
import { takeOver, takeOverOne } from '../../../tests/testkit/conversations.ts';

describe('OpenAI-style messages', () => {
  it('become one branch, and what the system says the system prompt', async () => {
    const taken = await takeOverOne({
      model: 'any',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: 'In English.' },
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Good' },
            { type: 'text', text: 'day' },
          ],
        },
      ],
    });
    expect(taken).toMatchObject({ format: 'openai', refused: null, notes: null, shown: ['Hello', 'Good\n\nday'] });
    expect(taken.head).toMatchObject({ systemPrompt: 'Be brief.\n\nIn English.', sourceId: null });
    expect(taken.title).toBeNull();
  });

  it('leave out what tools said, and pictures', async () => {
    const taken = await takeOverOne({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Weather?' },
            { type: 'image_url', image_url: { url: 'x' } },
          ],
        },
        { role: 'assistant', content: null, tool_calls: [{ id: '1', function: { name: 'weather' } }] },
        { role: 'tool', tool_call_id: '1', content: '{"sun":1}' },
        { role: 'assistant', content: 'Sunny.' },
      ],
    });
    expect(taken.messages.map(({ content, after }) => [content, after])).toEqual([
      ['Weather?', null],
      ['Sunny.', 'Weather?'],
    ]);
    expect(taken.notes).toBe('Left out 1 attachment; left out 2 messages to and from tools.');
  });

  it('are refused where a role is not known, or where there are too many', async () => {
    const strange = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'wizard', content: 'b' },
      ],
    };
    expect((await takeOverOne(strange)).refused).toBe('Message 2 has no role that is known.');
    const many = { messages: Array.from({ length: 10_001 }, (_, index) => ({ role: 'user', content: `${index}` })) };
    expect((await takeOverOne(many)).refused).toBe('It has more than 10000 messages.');
    const most = { messages: many.messages.slice(1) };
    expect((await takeOverOne(most)).messages).toHaveLength(10_000);
  });

  it('come as a list of conversations too', async () => {
    const file = [{ messages: [{ role: 'user', content: 'a' }] }, { messages: [{ role: 'user', content: 'b' }] }];
    expect((await takeOver(file)).map(({ shown }) => shown)).toEqual([['a'], ['b']]);
  });
});
