import { Link } from '@tanstack/react-router';
import { CloudOff, MessageSquareOff } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { useClient, useMutation } from 'urql';
import { usePortal } from '../../client/portal.ts';
import { Button } from '../../components/button.tsx';
import { showNotice } from '../../components/notices.tsx';
import type { SlashMenu } from '../../components/slash-menu.ts';
import { StatePage } from '../../components/state-page.tsx';
import { problemOf } from '../../lib/errors.ts';
import { Composer } from './composer.tsx';
import type { Draft } from './drafts.ts';
import { isRunning } from './message-parts.ts';
import { SendMessage, StopReply } from './mutations.ts';
import { ThreadSkeleton } from './thread-skeleton.tsx';
import { ThreadView } from './thread-view.tsx';
import { useAnswerMark } from './use-answer-mark.ts';
import { useJump } from './use-jump.ts';
import { expectReply, useReplyAnnouncer } from './use-reply-announcer.ts';
import { useReplyFeed } from './use-reply-feed.ts';
import { type Thread, useThread } from './use-thread.ts';

interface Props {
  sessionId: string;
  /** The message to show, and anew whenever this is another object. */
  jump: { messageId: string } | null;
  inputRef: RefObject<HTMLTextAreaElement | null>;
  slashMenu?: SlashMenu;
}

/** A conversation: its messages, the answer that is being written, and the input. */
export function Conversation({ sessionId, jump, inputRef, slashMenu }: Props) {
  const client = useClient();
  const { refresh } = usePortal();
  const thread = useThread(sessionId, jump?.messageId ?? null);
  const [outgoing, setOutgoing] = useState<string | null>(null);
  const wasHere = useLatch(thread.state === 'ready');
  const [, stopReply] = useMutation(StopReply);
  const running = thread.items.findLast((item) => isRunning(item)) ?? null;
  const feed = useReplyFeed(running?.id ?? null);

  useJump(thread, jump);
  useAnswerMark(running !== null);
  useReplyAnnouncer(
    feed,
    thread.items.findLast(({ role }) => role === 'ASSISTANT'),
  );

  async function send({ text, key, parentId }: Draft) {
    setOutgoing(text);
    if (thread.hasNewer) thread.showNewest();
    const { data, error } = await client
      .mutation(SendMessage, { input: { sessionId, content: text, idempotencyKey: key, parentId } })
      .toPromise();
    setOutgoing(null);
    if (data) expectReply(data.sendMessage.reply);
    if (error === undefined) return null;
    const problem = problemOf(error);
    // Something is written here that this page has not heard of.
    if (problem.code === 'CONFLICT') refresh.now();
    return problem;
  }

  async function stop() {
    if (running === null) return;
    const { error } = await stopReply({ id: running.id });
    if (error) showNotice(problemOf(error).message);
  }

  useEscape(running === null ? null : stop);

  if (thread.state === 'missing') {
    return (
      <StatePage
        icon={MessageSquareOff}
        title={wasHere ? 'This conversation was deleted' : 'This conversation is not here'}
        action={
          <Link to="/" className="text-accent underline underline-offset-3">
            Start a new chat
          </Link>
        }
      >
        {wasHere
          ? 'It was removed in another window or on another device.'
          : 'It was deleted, or its address is not right.'}
      </StatePage>
    );
  }
  if (thread.state === 'failed' && thread.error) {
    return (
      <StatePage
        icon={CloudOff}
        title="The conversation could not be loaded"
        action={<Button onClick={refresh.now}>Try again</Button>}
      >
        {problemOf(thread.error).message}
      </StatePage>
    );
  }
  return (
    <>
      {thread.state === 'loading' ? (
        <ThreadSkeleton />
      ) : (
        <ThreadView thread={thread} feed={feed} outgoing={outgoing} jump={jump} />
      )}
      {thread.state === 'ready' && thread.error && (
        <p role="status" className="mx-auto w-full max-w-3xl px-6 pb-2 text-ink-soft text-sm">
          What is new here could not be loaded. {problemOf(thread.error).message}{' '}
          <button type="button" onClick={refresh.now} className="text-accent underline underline-offset-3">
            Try again
          </button>
        </p>
      )}
      <Composer
        place={sessionId}
        inputRef={inputRef}
        running={running !== null}
        parentId={lastAnswerSeen(thread)}
        slashMenu={slashMenu}
        onSend={send}
        onStop={stop}
      />
    </>
  );
}

/** The answer at the thread's end, where that is what the reader sees: a tab without news must not write over the others. */
function lastAnswerSeen({ items, hasNewer }: Thread): string | undefined {
  const last = items.at(-1);
  return !hasNewer && last?.role === 'ASSISTANT' ? last.id : undefined;
}

/** True from the first time on that the condition was. */
function useLatch(condition: boolean): boolean {
  const [latched, setLatched] = useState(condition);
  if (condition && !latched) setLatched(true);
  return latched;
}

/** Escape, where nothing else takes it. */
function useEscape(action: (() => void) | null): void {
  useEffect(() => {
    if (action === null) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const isTaken =
        event.defaultPrevented ||
        event.shiftKey ||
        event.isComposing ||
        // A field of one line clears itself by it.
        event.target instanceof HTMLInputElement ||
        document.querySelector('[role="dialog"]') !== null;
      if (event.key === 'Escape' && !isTaken) action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [action]);
}
