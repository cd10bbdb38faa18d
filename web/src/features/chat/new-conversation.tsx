import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import { showNotice } from '../../components/notices.tsx';
import type { SlashMenu } from '../../components/slash-menu.ts';
import type { CreateSessionInput } from '../../gql/graphql.ts';
import { type Problem, problemOf } from '../../lib/errors.ts';
import { Composer } from './composer.tsx';
import { type Draft, keepUnsent, moveDraft, newDraft, unsentUnder } from './drafts.ts';
import { CreateSession, DiscardSession, SendMessage } from './mutations.ts';
import { newestPage, ThreadPage } from './thread-page.ts';
import { Outgoing } from './thread-view.tsx';
import { expectReply } from './use-reply-announcer.ts';

interface Props {
  inputRef: RefObject<HTMLTextAreaElement | null>;
  /** Why nothing can be sent now; null where it can. */
  blocked: Problem | null;
  /** Where what is written goes; null while that is not known. */
  whereItRuns: string | null;
  /** What one might ask first. */
  examples: readonly string[];
  /** What the conversation begins with, besides its first message. */
  beginning: CreateSessionInput;
  slashMenu?: SlashMenu;
  /** What stands above the input. */
  above?: ReactNode;
}

/** The page of a conversation that begins with its first message. */
export function NewConversation({ inputRef, blocked, whereItRuns, examples, beginning, slashMenu, above }: Props) {
  const client = useClient();
  const navigate = useNavigate();
  const [outgoing, setOutgoing] = useState<string | null>(null);
  const sessionId = useRef<string | null>(null);
  const isHere = useRef(false);

  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);

  async function send(draft: Draft): Promise<Problem | null> {
    if (blocked !== null) return blocked;
    setOutgoing(draft.text);
    const problem = await start(draft);
    if (problem !== null) setOutgoing(null);
    return problem;
  }

  /** What was not typed is not kept: why it could not be sent is said, and it can be picked again. */
  async function pick(text: string): Promise<void> {
    const problem = await send(newDraft(text));
    if (problem !== null) showNotice(problem.message);
  }

  async function start(draft: Draft): Promise<Problem | null> {
    const { text, key } = draft;
    sessionId.current ??= draft.sessionId ?? null;
    if (sessionId.current === null) {
      const created = await client.mutation(CreateSession, { input: beginning }).toPromise();
      if (created.error) return problemOf(created.error);
      sessionId.current = created.data?.createSession.id ?? null;
    }
    const id = sessionId.current;
    if (id === null) return null;
    if (unsentUnder('new', key) !== null) keepUnsent('new', { ...draft, sessionId: id });
    const sent = await client
      .mutation(SendMessage, { input: { sessionId: id, content: text, idempotencyKey: key } })
      .toPromise();
    if (sent.error) {
      // Refused is refused: nothing is left behind. When nobody knows, the next try is the same message of the same session.
      if (sent.error.networkError === undefined) {
        sessionId.current = null;
        await client.mutation(DiscardSession, { id }).toPromise();
      }
      return problemOf(sent.error);
    }
    // Loaded before it is shown: the page that follows has everything in its first frame.
    await client.query(ThreadPage, newestPage(id)).toPromise();
    moveDraft('new', id);
    // Who is elsewhere by now stays there; the sidebar shows the conversation.
    if (!isHere.current) return null;
    if (sent.data) expectReply(sent.data.sendMessage.reply);
    await navigate({ to: '/c/$id', params: { id } });
    return null;
  }

  return (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {outgoing === null ? (
          <Welcome whereItRuns={whereItRuns} examples={examples} onPick={(text) => void pick(text)} />
        ) : (
          <div role="log" aria-label="Conversation" className="pt-6">
            <Outgoing text={outgoing} />
          </div>
        )}
      </div>
      <Composer
        place="new"
        inputRef={inputRef}
        running={false}
        slashMenu={slashMenu}
        above={above}
        onSend={send}
        onStop={() => {}}
      />
    </>
  );
}

interface WelcomeProps extends Pick<Props, 'whereItRuns' | 'examples'> {
  onPick: (text: string) => void;
}

function Welcome({ whereItRuns, examples, onPick }: WelcomeProps) {
  return (
    <div className="mx-auto flex min-h-full w-full max-w-3xl flex-col justify-center px-4 py-8 sm:px-6">
      <h1 className="font-semibold text-2xl tracking-tight">What would you like to know?</h1>
      <p className="mt-1 min-h-[1lh] text-ink-soft">{whereItRuns}</p>
      <ul className="mt-6 grid gap-2.5 sm:grid-cols-2" aria-label="Examples">
        {examples.map((example) => (
          <li key={example}>
            <button
              type="button"
              onClick={() => onPick(example)}
              className="h-full w-full rounded-xl border border-line bg-surface px-4 py-3 text-left text-sm transition-colors hover:border-accent hover:bg-accent-soft"
            >
              {example}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
