import { describe, expect, it } from 'vitest';
import { idIn } from './id-in.ts';

const id = '0197a1f2-4c3d-7e5f-8a9b-0c1d2e3f4a5b';

describe('an id', () => {
  it.each([id, ` ${id.toUpperCase()} `, `https://chat.example.org/c/${id}?m=1`, `/c/${id}#end`])(
    'is found in %s',
    (text) => {
      expect(idIn(text)).toBe(id);
    },
  );

  it.each(['', 'a conversation', id.slice(1), id.replaceAll('-', '')])('is not in “%s”', (text) => {
    expect(idIn(text)).toBeNull();
  });
});
