import { describe, expect, it } from 'vitest';
import { takeOver, takeOverOne } from '../../../tests/testkit/conversations.ts';

/** A node of `mapping` as ChatGPT writes it. */
function node(id: string, parent: string | null, role: string, text: string, more: Record<string, unknown> = {}) {
  return {
    id,
    parent,
    children: [],
    message: {
      id,
      author: { role, name: null, metadata: {} },
      create_time: 1_700_000_000 + Number(/\d+/.exec(id)?.[0] ?? 0),
      content: { content_type: 'text', parts: [text] },
      status: 'finished_successfully',
      metadata: role === 'assistant' ? { model_slug: 'gpt-4o' } : {},
      recipient: 'all',
      ...more,
    },
  };
}

function conversation(nodes: { id: string }[], more: Record<string, unknown> = {}) {
  return {
    title: 'Owls',
    create_time: 1_700_000_000.25,
    update_time: 1_700_000_900,
    conversation_id: 'c-1',
    current_node: nodes.at(-1)?.id,
    mapping: Object.fromEntries(nodes.map((each) => [each.id, each])),
    ...more,
  };
}

const bare = (id: string, parent: string | null = null) => ({ id, parent, children: [], message: null });

describe('a ChatGPT export', () => {
  it('keeps its branches, its times and the one that was shown', async () => {
    const taken = await takeOverOne([
      conversation(
        [
          bare('root'),
          node('n1', 'root', 'user', 'Do owls sleep?'),
          node('n2', 'n1', 'assistant', 'By day.'),
          node('n3', 'n1', 'assistant', 'Mostly by day.'),
          node('n4', 'n3', 'user', 'Where?'),
          node('n5', 'n4', 'assistant', 'In trees.'),
        ],
        { current_node: 'n2', is_starred: true, is_archived: true },
      ),
    ]);
    expect(taken).toMatchObject({
      format: 'chatgpt',
      refused: null,
      notes: null,
      shown: ['Do owls sleep?', 'By day.'],
    });
    expect(taken.title).toBe('Owls');
    expect(taken.head).toMatchObject({ favorite: true, sourceId: 'c-1', modelName: null });
    expect(taken.head?.createdAt?.toISOString()).toBe('2023-11-14T22:13:20.250Z');
    expect(taken.head?.archivedAt).toEqual(taken.head?.updatedAt);
    expect(taken.messages.map(({ role, content, after, depth }) => [role, content, after, depth])).toEqual([
      ['user', 'Do owls sleep?', null, 0],
      ['assistant', 'By day.', 'Do owls sleep?', 1],
      ['assistant', 'Mostly by day.', 'Do owls sleep?', 1],
      ['user', 'Where?', 'Mostly by day.', 2],
      ['assistant', 'In trees.', 'Where?', 3],
    ]);
    expect(taken.messages[1]?.reply).toMatchObject({ modelName: 'gpt-4o', promptTokens: null });
    expect(taken.messages[4]?.createdAt.toISOString()).toBe('2023-11-14T22:13:25.000Z');
  });

  it('leaves out what was never shown, says so, and closes the gaps', async () => {
    const taken = await takeOverOne([
      conversation(
        [
          bare('root'),
          node('n1', 'root', 'system', ''),
          node('n2', 'n1', 'user', '', {
            content: { content_type: 'user_editable_context', user_profile: 'secret' },
            metadata: { is_visually_hidden_from_conversation: true },
          }),
          node('n3', 'n2', 'user', 'Count the files'),
          node('n4', 'n3', 'assistant', '', { content: { content_type: 'thoughts', thoughts: [{ content: 'hm' }] } }),
          node('n5', 'n4', 'assistant', '', {
            content: { content_type: 'code', language: 'python', text: 'print("```")' },
            recipient: 'python',
          }),
          node('n6', 'n5', 'tool', '', { content: { content_type: 'execution_output', text: '3' } }),
          node('n7', 'n6', 'assistant', 'Three.'),
          node('n8', 'n7', 'assistant', ''),
        ],
        { current_node: 'n8' },
      ),
    ]);
    expect(taken.shown).toEqual(['Count the files', '````python\nprint("```")\n````', 'Three.']);
    expect(taken.notes).toBe(
      'Left out 3 hidden messages; left out 1 message to and from tools; left out 1 message without text.',
    );
  });

  it('takes pictures and sound for attachments, and what was said for text', async () => {
    const taken = await takeOverOne([
      conversation([
        node('n1', null, 'user', '', {
          content: {
            content_type: 'multimodal_text',
            parts: [
              { content_type: 'image_asset_pointer', asset_pointer: 'file-service://file-1' },
              { content_type: 'audio_transcription', text: 'What is this?' },
              'Please',
            ],
          },
        }),
        node('n2', 'n1', 'assistant', 'An owl.', { status: 'in_progress' }),
      ]),
    ]);
    expect(taken.messages.map(({ content, status }) => [content, status])).toEqual([
      ['[attachment]\n\nWhat is this?\n\nPlease', 'complete'],
      ['An owl.', 'stopped'],
    ]);
    expect(taken.notes).toBe('Left out 1 attachment.');
  });

  it('makes do without what older and newer exports leave out', async () => {
    const lean = { author: { role: 'assistant' }, content: { parts: ['Fine.'] }, create_time: null };
    const taken = await takeOverOne([
      {
        id: 'c-2',
        title: '',
        mapping: {
          a: { message: { author: { role: 'user' }, content: { parts: ['How are you?'] } } },
          b: { parent: 'a', message: lean },
        },
      },
    ]);
    expect(taken.head).toMatchObject({ sourceId: 'c-2', leafId: null });
    expect(taken.shown).toEqual(['How are you?', 'Fine.']);
    expect(taken.messages[1]?.createdAt).toEqual(taken.messages[0]?.createdAt);
  });

  it('repairs a tree that does not fit together, and says so', async () => {
    const listing = { ...node('n1', null, 'user', 'One'), children: ['n2'] };
    const taken = await takeOverOne([
      conversation([
        listing,
        node('n2', 'gone', 'assistant', 'listed by its parent'),
        node('n3', 'gone', 'user', 'of nobody'),
        node('n4', 'n5', 'user', 'ring a'),
        node('n5', 'n4', 'assistant', 'ring b'),
        node('n6', 'n6', 'user', 'its own parent'),
      ]),
    ]);
    expect(taken.messages.map(({ content, after }) => [content, after])).toEqual([
      ['One', null],
      ['of nobody', null],
      ['ring a', null],
      ['its own parent', null],
      ['listed by its parent', 'One'],
      ['ring b', 'ring a'],
    ]);
    expect(taken.notes).toBe(
      'Repaired 2 messages whose parent was not told or is not in the file; repaired 2 rings of messages that followed each other.',
    );
  });

  it('reads a file that is one conversation, and tells what is none', async () => {
    expect((await takeOverOne(conversation([node('n1', null, 'user', 'Alone')]))).shown).toEqual(['Alone']);
    const formats = (await takeOver([conversation([node('n1', null, 'user', 'x')]), { title: 'No mapping' }, 5])).map(
      ({ format }) => format,
    );
    expect(formats).toEqual(['chatgpt', null, null]);
  });
});
