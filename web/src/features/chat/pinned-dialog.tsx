import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useQuery } from 'urql';
import { Dialog } from '../../components/dialog.tsx';
import { readFragment } from '../../gql/index.ts';
import { randomId } from '../../lib/random-id.ts';
import { PinnedMessage, PinnedMessages } from './mutations.ts';

interface Props {
  sessionId: string;
  onClose: () => void;
}

/** The pinned messages of a conversation; choosing one goes there. */
export default function PinnedDialog({ sessionId, onClose }: Props) {
  const [visit] = useState(randomId);
  const [{ data, fetching }] = useQuery({
    query: PinnedMessages,
    variables: { id: sessionId },
    requestPolicy: 'cache-and-network',
  });
  const pinned = (data?.session?.pinnedMessages ?? []).map((message) => readFragment(PinnedMessage, message));

  return (
    <Dialog title="Pinned messages" onClose={onClose} className="max-h-[80dvh] max-w-lg">
      {pinned.length === 0 && (
        <p className="mt-3 text-ink-soft">{fetching ? 'Loading…' : 'Pin a message to find it here again.'}</p>
      )}
      <ul className="-mx-2 mt-2 min-h-0 overflow-y-auto">
        {pinned.map(({ id, role, content }) => (
          <li key={id}>
            <Link
              to="/c/$id"
              params={{ id: sessionId }}
              search={{ m: id }}
              state={{ visit }}
              onClick={onClose}
              className="block rounded-xl px-3 py-2 hover:bg-sunken"
            >
              <span className="block text-ink-soft text-xs">{role === 'USER' ? 'You' : 'Assistant'}</span>
              <span className="line-clamp-3 text-sm [overflow-wrap:anywhere]">{content}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
