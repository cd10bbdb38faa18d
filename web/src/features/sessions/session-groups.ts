import type { SessionRowFragment } from '../../gql/graphql.ts';

export interface SessionGroup {
  title: string;
  sessions: SessionRowFragment[];
}

const dayMs = 86_400_000;

/** Conversations by when they were last used, favourites first; `now` decides what today is. */
export function groupSessions(sessions: readonly SessionRowFragment[], now: Date): SessionGroup[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const titleOf = ({ favorite, updatedAt }: SessionRowFragment): string => {
    const moment = Date.parse(updatedAt);
    if (favorite) return 'Favourites';
    if (moment >= midnight) return 'Today';
    if (moment >= midnight - dayMs) return 'Yesterday';
    if (moment >= midnight - 7 * dayMs) return 'Last 7 days';
    return new Date(moment).toLocaleDateString(undefined, { month: 'long', year: 'numeric' });
  };
  const groups = new Map<string, SessionRowFragment[]>([['Favourites', []]]);
  for (const session of sessions.toSorted((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt))) {
    const title = titleOf(session);
    groups.set(title, [...(groups.get(title) ?? []), session]);
  }
  return [...groups].filter(([, list]) => list.length > 0).map(([title, list]) => ({ title, sessions: list }));
}
