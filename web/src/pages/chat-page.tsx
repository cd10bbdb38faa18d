import { useLocation, useParams, useSearch } from '@tanstack/react-router';
import { Archive, ArchiveRestore, Ellipsis, FileJson, FileText, Pin, Search, UserRoundPen } from 'lucide-react';
import { lazy, useEffect, useMemo, useRef } from 'react';
import { useClient, useMutation, useQuery } from 'urql';
import { IconButton } from '../components/icon-button.tsx';
import { Menu } from '../components/menu.tsx';
import { showNotice } from '../components/notices.tsx';
import { Conversation } from '../features/chat/conversation.tsx';
import { SessionModel } from '../features/models/session-model.tsx';
import { type ChosenTemplate, fillTemplate } from '../features/templates/use-template.ts';
import { graphql } from '../gql/index.ts';
import { problemOf } from '../lib/errors.ts';
import { loadPart } from '../lib/load-part.ts';
import { useMediaQuery } from '../lib/use-media-query.ts';
import { useOverlays } from './overlays.ts';
import { PageHeader } from './page-header.tsx';

const SessionHead = graphql(`
  query SessionHead($id: ID!) {
    session(id: $id) {
      id
      title
      modelName
      archived
    }
  }
`);

const ArchiveSession = graphql(`
  mutation ArchiveSession($id: ID!, $archived: Boolean!) {
    updateSession(id: $id, input: { archived: $archived }) {
      id
      archived
    }
  }
`);

const TakeRole = graphql(`
  mutation TakeRole($id: ID!, $systemPrompt: String!) {
    updateSession(id: $id, input: { systemPrompt: $systemPrompt }) {
      id
      systemPrompt
    }
  }
`);

const TemplatePicker = lazy(() => loadPart(() => import('../features/templates/template-picker.tsx')));

/** A conversation at its address; `?m=` leads to one of its messages. */
export function ChatPage() {
  const { id } = useParams({ from: '/c/$id' });
  return <ChatPageOf key={id} id={id} />;
}

function ChatPageOf({ id }: { id: string }) {
  const { m: messageId } = useSearch({ from: '/c/$id' });
  const [{ data }] = useQuery({ query: SessionHead, variables: { id } });
  const { show } = useOverlays();
  const inputRef = useRef<HTMLTextAreaElement>(null);
  const takeRole = useTakeRole(id);
  const archive = useArchive(id);
  const visit = useLocation({ select: ({ state }) => state.visit ?? state.__TSR_key });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same message, chosen again, is jumped to again.
  const jump = useMemo(() => (messageId === undefined ? null : { messageId }), [messageId, visit]);
  const session = data?.session;
  // A narrow screen needs the room for the title.
  const isWide = useMediaQuery('(min-width: 640px)');
  const lookups = [
    { icon: Search, label: 'Search this conversation', action: () => show({ type: 'search', sessionId: id }) },
    { icon: Pin, label: 'Pinned messages', action: () => show({ type: 'pinned', sessionId: id }) },
  ];
  useTitle(session?.title);
  useFocus(inputRef, jump === null);

  return (
    <>
      <PageHeader
        title={
          session && (
            <>
              <h1 title={session.title} className="truncate font-semibold leading-tight">
                {session.title}
              </h1>
              <SessionModel
                sessionId={id}
                modelName={session.modelName ?? null}
                onManage={() => show({ type: 'models' })}
              />
            </>
          )
        }
        actions={
          session && (
            <>
              {isWide &&
                lookups.map(({ icon, label, action }) => (
                  <IconButton key={label} icon={icon} label={label} tipSide="left" onClick={action} />
                ))}
              <Menu
                icon={Ellipsis}
                label="More"
                items={[
                  ...(isWide ? [] : lookups),
                  {
                    icon: UserRoundPen,
                    label: 'Instructions',
                    action: () => show({ type: 'instructions', sessionId: id }),
                  },
                  session.archived
                    ? { icon: ArchiveRestore, label: 'Take out of the archive', action: () => archive(false) }
                    : { icon: Archive, label: 'Archive', action: () => archive(true) },
                  {
                    icon: FileText,
                    label: 'Export as Markdown',
                    action: { download: `/api/v1/sessions/${id}/export?format=markdown` },
                  },
                  {
                    icon: FileJson,
                    label: 'Export as JSON',
                    action: { download: `/api/v1/sessions/${id}/export?format=json` },
                  },
                ]}
              />
            </>
          )
        }
      />
      <Conversation
        sessionId={id}
        jump={jump}
        inputRef={inputRef}
        slashMenu={(menu) => (
          <TemplatePicker {...menu} onRole={takeRole} onManage={() => show({ type: 'templates' })} />
        )}
      />
    </>
  );
}

/** Puts a conversation out of the list, or back into it. */
function useArchive(id: string): (archived: boolean) => void {
  const [, setArchived] = useMutation(ArchiveSession);
  return (archived) =>
    void setArchived({ id, archived }).then(({ error }) => {
      if (error) showNotice(problemOf(error).message);
      else
        showNotice(
          archived ? 'It is in the archive now, behind the button beside the filter.' : 'It is in the list again.',
        );
    });
}

/** Gives a template's text to the model as the conversation's instructions. */
function useTakeRole(id: string): (chosen: ChosenTemplate) => Promise<void> {
  const client = useClient();
  return async (chosen) => {
    const filled = await fillTemplate(client, chosen);
    if (!('text' in filled)) return showNotice(filled.message);
    const { error } = await client.mutation(TakeRole, { id, systemPrompt: filled.text }).toPromise();
    showNotice(error ? problemOf(error).message : `From the next answer on the model is: ${chosen.name}.`);
  };
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
