import { describe, expect, it } from 'vitest';
import { groupSessions } from './session-groups.ts';

const now = new Date(2026, 10, 21, 9, 30);
const session = (id: string, updatedAt: Date, favorite = false) => ({
  __typename: 'Session' as const,
  id,
  title: id,
  favorite,
  archived: false,
  updatedAt: updatedAt.toISOString(),
});

describe('the groups of the list', () => {
  it('go by calendar days, the newest first, favourites above all', () => {
    const groups = groupSessions(
      [
        session('old', new Date(2026, 8, 2)),
        session('week', new Date(2026, 10, 16)),
        session('last night', new Date(2026, 10, 20, 23, 59)),
        session('just after midnight', new Date(2026, 10, 21, 0, 1)),
        session('liked', new Date(2026, 8, 1), true),
        session('now', now),
      ],
      now,
    );
    expect(groups.map(({ title, sessions }) => [title, sessions.map(({ id }) => id)])).toEqual([
      ['Favourites', ['liked']],
      ['Today', ['now', 'just after midnight']],
      ['Yesterday', ['last night']],
      ['Last 7 days', ['week']],
      [expect.stringContaining('2026'), ['old']],
    ]);
  });

  it('leave out what is empty', () => {
    expect(groupSessions([], now)).toEqual([]);
  });
});
