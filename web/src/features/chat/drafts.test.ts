import { beforeEach, describe, expect, it, vi } from 'vitest';
import { loadDraft, moveDraft, newDraft, placedDraft, restoreDraft, saveDraft } from './drafts.ts';

const kept = new Map<string, string>();

beforeEach(() => {
  kept.clear();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
});

describe('drafts', () => {
  it('are kept by conversation, with their key', () => {
    const draft = newDraft('half a thought');
    saveDraft('a', draft);
    expect(loadDraft('a')).toEqual(draft);
    expect(loadDraft('b').text).toBe('');
  });

  it('move with the conversation that their first message began', () => {
    const draft = newDraft('a second thought');
    saveDraft('new', draft);
    moveDraft('new', 'a');
    expect(loadDraft('a')).toEqual(draft);
    expect(loadDraft('new').text).toBe('');
  });

  it('are forgotten when they are empty', () => {
    saveDraft('a', newDraft('something'));
    saveDraft('a', newDraft(''));
    expect(kept.size).toBe(0);
  });

  it('survive a storage that holds nonsense, or is forbidden', () => {
    kept.set('pocketllm.draft.a', '{"text":1}');
    expect(loadDraft('a').text).toBe('');
    vi.stubGlobal('localStorage', undefined);
    expect(loadDraft('a').text).toBe('');
    expect(() => saveDraft('a', newDraft('x'))).not.toThrow();
  });

  it('come back with their key when sending failed, so that a retry is the same message', () => {
    const unsent = newDraft('question');
    expect(restoreDraft(unsent, newDraft(''))).toBe(unsent);
  });

  it('keep the place that they were sent to, also over a reload, and get none while none is known', () => {
    const sent = placedDraft(newDraft('question'), 'first answer');
    saveDraft('a', sent);
    expect(placedDraft(loadDraft('a'), 'later answer').parentId).toBe('first answer');
    expect(placedDraft(newDraft('question'), undefined)).not.toHaveProperty('parentId');
  });

  it('come back before what was typed meanwhile, as another message', () => {
    const unsent = newDraft('question');
    const restored = restoreDraft(unsent, newDraft('more'));
    expect(restored.text).toBe('question\n\nmore');
    expect(restored.key).not.toBe(unsent.key);
  });
});
