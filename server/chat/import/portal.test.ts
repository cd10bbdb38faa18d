import { describe, expect, it } from 'vitest';
import { takeOverOne } from '../../../tests/testkit/conversations.ts';

const at = '2026-01-01T10:00:00.123Z';

function message(id: string, parent: string | null, more: Record<string, unknown> = {}) {
  return { message_id: id, parent_id: parent, role: 'assistant', content: id, created_at: at, ...more };
}

const session = (messages: unknown[], more: Record<string, unknown> = {}) => ({
  export_version: '1.0',
  id: 's',
  title: ' As\tit was ',
  messages,
  ...more,
});

describe('an export of this portal', () => {
  it('is taken over as it is: title, times, receipt, sampling, and the branch that was shown', async () => {
    const receipt = {
      model_name: 'm',
      first_included_message_id: 'q',
      included_count: 1,
      dropped_count: 0,
      prompt_tokens: 9,
      reused_tokens: 0,
      completion_tokens: 3,
      finish_reason: 'length',
    };
    const taken = await takeOverOne(
      session(
        [
          message('q', null, { role: 'user', context: { page: 1 } }),
          message('a', 'q', {
            receipt,
            generation: { top_k: 5 },
            rating: 'down',
            pinned: true,
            shown_at: '2026-02-01T00:00:00Z',
          }),
          message('b', 'q', { error_message: 'broke', status: 'failed', asked_model: 'other', error_code: 'timeout' }),
        ],
        { active_message_id: 'a', generation: { max_tokens: 7 }, archived: true, archived_at: at },
      ),
    );
    expect(taken).toMatchObject({
      format: 'portal',
      title: ' As\tit was ',
      refused: null,
      notes: null,
      shown: ['q', 'a'],
    });
    expect(taken.head).toMatchObject({ generation: { maxTokens: 7 }, archivedAt: new Date(at), titleChosen: true });
    expect(taken.messages[1]).toMatchObject({
      createdAt: new Date(at),
      shownAt: new Date('2026-02-01'),
      rating: 'down',
      pinned: true,
      reply: {
        modelName: 'm',
        generation: { topK: 5 },
        firstIncludedMessageId: 'q',
        promptTokens: 9,
        finishReason: 'length',
      },
    });
    expect(taken.messages[2]).toMatchObject({ status: 'failed', errorMessage: 'broke', reply: null });
  });

  it('stops what its engine was writing, and leaves what a client stored', async () => {
    const taken = await takeOverOne(
      session([
        message('engine', null, { status: 'in_progress', generation: {} }),
        message('client', null, { status: 'in_progress' }),
        message('waiting', null, { status: 'pending', generation: {} }),
      ]),
    );
    expect(taken.messages.map(({ status }) => status)).toEqual(['stopped', 'in_progress', 'stopped']);
  });

  it('is refused where anybody changed it so that it does not fit, in words that name the place', async () => {
    const cases: [unknown, string][] = [
      [session([message('a', 'b')]), 'A message follows one that is not in the file.'],
      [session([message('a', 'b'), message('b', 'a')]), 'A message is its own ancestor.'],
      [session([message('a', null), message('a', null)]), 'Two messages have one id.'],
      [session([message('a', null, { role: 'user', rating: 'up' })]), 'Message 1: only an answer is rated.'],
      [
        session([message('a', null, { generation: { top_p: 2 } })]),
        'Message 1: generation: topP: must be from 0 to 1.',
      ],
      [
        session([message('a', null, { created_at: '0001-01-01T00:00:00Z' })]),
        'Message 1: created_at: must be a time from 1970 to 9999.',
      ],
      [session([], { id: 5 }), 'The session: id: Invalid input: expected string, received number.'],
      [
        session([], { system_prompt: 'x'.repeat(4001) }),
        'The session: system_prompt: must be at most 4000 characters long.',
      ],
    ];
    for (const [file, reason] of cases) expect((await takeOverOne(file)).refused).toBe(reason);
  });
});
