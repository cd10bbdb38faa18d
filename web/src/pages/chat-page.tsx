import { useLocation, useParams, useSearch } from '@tanstack/react-router';
import { Pin, Search } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useQuery } from 'urql';
import { IconButton } from '../components/icon-button.tsx';
import { Conversation } from '../features/chat/conversation.tsx';
import { useModels } from '../features/models/use-models.ts';
import { graphql } from '../gql/index.ts';
import { useMediaQuery } from '../lib/use-media-query.ts';
import { useOverlays } from './overlays.ts';
import { PageHeader } from './page-header.tsx';

const SessionHead = graphql(`
  query SessionHead($id: ID!) {
    session(id: $id) {
      id
      title
      modelName
    }
  }
`);

/** A conversation at its address; `?m=` leads to one of its messages. */
export function ChatPage() {
  const { id } = useParams({ from: '/c/$id' });
  return <ChatPageOf key={id} id={id} />;
}

function ChatPageOf({ id }: { id: string }) {
  const { m: messageId } = useSearch({ from: '/c/$id' });
  const [{ data }] = useQuery({ query: SessionHead, variables: { id } });
  const { usual } = useModels();
  const { show } = useOverlays();
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const visit = useLocation({ select: ({ state }) => state.visit ?? state.__TSR_key });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same message, chosen again, is jumped to again.
  const jump = useMemo(() => (messageId === undefined ? null : { messageId }), [messageId, visit]);
  const session = data?.session;
  useTitle(session?.title);
  useFocus(inputRef, jump === null);

  return (
    <>
      <PageHeader
        title={
          session && (
            <>
              <h1 className="truncate font-semibold leading-tight">{session.title}</h1>
              <p className="truncate text-ink-soft text-xs">{session.modelName ?? usual?.name}</p>
            </>
          )
        }
        actions={
          session && (
            <>
              <IconButton
                icon={Search}
                label="Search this conversation"
                tipSide="left"
                onClick={() => show({ type: 'search', sessionId: id })}
              />
              <IconButton
                icon={Pin}
                label="Pinned messages"
                tipSide="left"
                onClick={() => show({ type: 'pinned', sessionId: id })}
              />
            </>
          )
        }
      />
      <Conversation sessionId={id} jump={jump} inputRef={inputRef} />
    </>
  );
}

export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'PocketLLM Portal' : `${title} · PocketLLM Portal`;
  }, [title]);
}

/** Puts the cursor into the input, except where that would open a keyboard over the page. */
export function useFocus(inputRef: React.RefObject<HTMLTextAreaElement | null>, wanted: boolean): void {
  const isFine = useMediaQuery('(pointer: fine)');
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens.
  useEffect(() => {
    if (wanted && isFine) inputRef.current?.focus();
  }, []);
}
