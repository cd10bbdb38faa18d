import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { Dialog } from '../../components/dialog.tsx';
import type { SearchMessagesQuery } from '../../gql/graphql.ts';
import { graphql } from '../../gql/index.ts';
import { cn } from '../../lib/class-names.ts';
import { problemOf } from '../../lib/errors.ts';
import { randomId } from '../../lib/random-id.ts';
import { snippetParts } from './snippet.ts';

const SearchMessages = graphql(`
  query SearchMessages($query: String!, $sessionId: ID) {
    search(query: $query, sessionId: $sessionId, first: 30) {
      totalCount
      edges {
        snippet
        node {
          id
          role
          createdAt
          session {
            id
            title
          }
        }
      }
    }
  }
`);

type Hit = SearchMessagesQuery['search']['edges'][number];

interface Props {
  /** The conversation to look in; null for all. */
  sessionId: string | null;
  onClose: () => void;
}

/** Finds messages by their words, and opens the conversation at the one that is chosen. */
export default function SearchDialog({ sessionId, onClose }: Props) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [everywhere, setEverywhere] = useState(sessionId === null);
  const [chosen, setChosen] = useState(0);
  const query = useDeferredValue(text.trim());
  const [{ data, error, fetching }] = useQuery({
    query: SearchMessages,
    variables: { query, sessionId: everywhere ? null : sessionId },
    pause: query === '',
    requestPolicy: 'cache-and-network',
  });
  const hits = query === '' ? [] : (data?.search.edges ?? []);

  const open = ({ node }: Hit) => {
    onClose();
    void navigate({
      to: '/c/$id',
      params: { id: node.session.id },
      search: { m: node.id },
      state: { visit: randomId() },
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((index) => Math.max(0, Math.min(hits.length - 1, index + step)));
    }
    const hit = hits[chosen];
    if (event.key === 'Enter' && !event.nativeEvent.isComposing && hit !== undefined) open(hit);
  };

  return (
    <Dialog title="Search" titleHidden place="top" onClose={onClose} className="overflow-hidden">
      <div className="flex items-center gap-3 border-line border-b px-4">
        <Search size={18} aria-hidden className="shrink-0 text-ink-soft" />
        <input
          type="search"
          role="combobox"
          aria-label="Search"
          aria-expanded={hits.length > 0}
          aria-controls="search-hits"
          aria-activedescendant={hits.length > 0 ? `hit-${chosen}` : undefined}
          placeholder={everywhere ? 'Search all messages' : 'Search this conversation'}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          className="h-13 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-ink-soft"
        />
      </div>
      {sessionId !== null && <Scope everywhere={everywhere} onChange={setEverywhere} />}
      <p role="status" className="px-4 pt-2.5 pb-1.5 text-ink-soft text-xs">
        {statusText(query, fetching, error && problemOf(error).message, data?.search.totalCount)}
      </p>
      <div id="search-hits" role="listbox" aria-label="Hits" className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {hits.map((hit, index) => (
          <HitRow
            key={hit.node.id}
            id={`hit-${index}`}
            hit={hit}
            chosen={index === chosen}
            onChoose={() => setChosen(index)}
            onOpen={() => open(hit)}
          />
        ))}
      </div>
    </Dialog>
  );
}

function Scope({ everywhere, onChange }: { everywhere: boolean; onChange: (everywhere: boolean) => void }) {
  const options = [
    ['This conversation', false],
    ['All conversations', true],
  ] as const;
  return (
    <fieldset className="flex gap-1 px-4 pt-3">
      <legend className="sr-only">Where to search</legend>
      {options.map(([label, value]) => (
        <label
          key={label}
          className="cursor-pointer rounded-lg px-2.5 py-1 text-ink-soft text-sm has-checked:bg-accent-soft has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name="scope"
            className="sr-only"
            checked={everywhere === value}
            onChange={() => onChange(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

interface HitRowProps {
  id: string;
  hit: Hit;
  chosen: boolean;
  onChoose: () => void;
  onOpen: () => void;
}

function HitRow({ id, hit, chosen, onChoose, onOpen }: HitRowProps) {
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search box takes the keys, as a combobox does.
    <div
      ref={row}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={chosen}
      onPointerMove={onChoose}
      onClick={onOpen}
      className={cn('cursor-pointer rounded-xl px-3 py-2', chosen && 'bg-sunken')}
    >
      <p className="flex justify-between gap-3 text-ink-soft text-xs">
        <span className="truncate">{hit.node.session.title}</span>
        <span className="shrink-0">
          {hit.node.role === 'USER' ? 'You' : 'Assistant'}, {new Date(hit.node.createdAt).toLocaleDateString()}
        </span>
      </p>
      <p className="line-clamp-2 text-sm [overflow-wrap:anywhere]">
        {snippetParts(hit.snippet).map(({ text, isMatch }, index) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one snippet never move.
          isMatch ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
        )}
      </p>
    </div>
  );
}

function statusText(query: string, fetching: boolean, problem: string | undefined, count: number | undefined): string {
  if (query === '') return 'Type words, "a phrase", or -a word that must not occur.';
  if (problem !== undefined) return problem;
  if (count === undefined || (fetching && count === 0)) return 'Searching…';
  if (count === 0) return 'Nothing found.';
  return count === 1 ? '1 message' : `${count.toLocaleString()} messages`;
}
