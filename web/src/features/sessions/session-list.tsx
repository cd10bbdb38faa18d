import { Archive, ArrowLeft } from 'lucide-react';
import { lazy, Suspense, useCallback, useDeferredValue, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { usePortal } from '../../client/portal.ts';
import { Button } from '../../components/button.tsx';
import { IconButton } from '../../components/icon-button.tsx';
import type { SessionRowFragment } from '../../gql/graphql.ts';
import { problemOf } from '../../lib/errors.ts';
import { loadPart } from '../../lib/load-part.ts';
import { groupSessions } from './session-groups.ts';
import { SessionItem } from './session-item.tsx';
import { useSessions } from './use-sessions.ts';

const DeleteDialog = lazy(() => loadPart(() => import('./delete-dialog.tsx')));

const loadWithinPx = 400;

/** Every conversation, grouped by age, with a filter over titles and messages. */
export function SessionList({ onOpen }: { onOpen: () => void }) {
  const [filter, setFilter] = useState('');
  const search = useDeferredValue(filter.trim());
  const [inArchive, setInArchive] = useState(false);
  const { sessions, isLoading, error, loadMore } = useSessions(search, inArchive);
  const { refresh } = usePortal();
  const [deleting, setDeleting] = useState<SessionRowFragment | null>(null);
  const list = useRef<VirtualizerHandle>(null);

  const loadNear = () => {
    const view = list.current;
    if (view && view.scrollSize - view.viewportSize - view.scrollOffset < loadWithinPx) loadMore();
  };
  const remove = useCallback((session: SessionRowFragment) => setDeleting(session), []);

  const rows = groupSessions(sessions, new Date()).flatMap(({ title, sessions: group }) => [
    <h2 key={title} className="px-3 pt-4 pb-1 font-medium text-ink-soft text-xs">
      {title}
    </h2>,
    ...group.map((session) => <SessionItem key={session.id} session={session} onOpen={onOpen} onDelete={remove} />),
  ]);

  return (
    <>
      <div className="flex gap-2 px-3 pb-1">
        <input
          type="search"
          aria-label="Filter conversations"
          placeholder="Filter"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          className="h-9 min-w-0 flex-1 rounded-lg border border-line bg-surface px-3 text-base outline-offset-0 placeholder:text-ink-soft sm:text-sm"
        />
        <IconButton
          icon={inArchive ? ArrowLeft : Archive}
          label={inArchive ? 'Back to all conversations' : 'Archive'}
          tipSide="left"
          onClick={() => setInArchive(!inArchive)}
        />
      </div>
      {inArchive && search === '' && <h2 className="px-5 pt-2 font-medium text-sm">Archive</h2>}
      <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <Virtualizer ref={list} as="ul" item="li" onScroll={loadNear}>
          {rows}
        </Virtualizer>
        {sessions.length === 0 && (
          <p className="appear-late px-3 pt-6 text-ink-soft text-sm">
            {isLoading ? 'Loading…' : emptyText(search, error !== undefined, inArchive)}
          </p>
        )}
        {error !== undefined && (
          <div className="space-y-2 px-3 pt-3 text-sm">
            <p className="text-ink-soft">{problemOf(error).message}</p>
            <Button onClick={refresh.now}>Try again</Button>
          </div>
        )}
      </nav>
      {deleting !== null && (
        <Suspense>
          <DeleteDialog session={deleting} onClose={() => setDeleting(null)} />
        </Suspense>
      )}
    </>
  );
}

function emptyText(search: string, failed: boolean, inArchive: boolean): string {
  if (failed) return '';
  if (search === '' && inArchive) return 'Nothing is archived. What is done with is put here by its menu.';
  return search === '' ? 'Your conversations will be listed here.' : 'No conversation holds these words.';
}
