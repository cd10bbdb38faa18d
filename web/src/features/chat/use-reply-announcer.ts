import { useEffect, useRef, useSyncExternalStore } from 'react';
import { speak } from '../../components/live-region.tsx';
import type { MessageStatus } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { createStore } from '../../lib/store.ts';
import { isRunning, MessageParts, ThreadMessage } from './message-parts.ts';
import type { ReplyFeed } from './reply-feed.ts';
import { createSentenceReader, type SentenceReader } from './sentences.ts';
import type { ThreadItem } from './use-thread.ts';

const endings: Partial<Record<MessageStatus, string>> = {
  STOPPED: 'The answer was stopped.',
  FAILED: 'The answer broke off.',
};

const expected = createStore<string | null>(null);

/** Has this reply read out where it shows, even if it is whole by then, as one from the cache is. */
export function expectReply(reply: FragmentType<typeof ThreadMessage>): void {
  expected.set(readFragment(ThreadMessage, reply).id);
}

/**
 * Reads the newest answer out to screen readers while it is written, a sentence at a time, then what is left of it and how
 * it ended. One that was over before it was seen, and that nobody expects, is not read.
 */
export function useReplyAnnouncer(feed: ReplyFeed | null, newest: ThreadItem | undefined): void {
  const followed = useRef<{ id: string; reader: SentenceReader } | null>(null);
  const expectedId = useSyncExternalStore(expected.subscribe, expected.get);
  const answer = newest && readFragment(MessageParts, newest);

  useEffect(() => {
    if (answer === undefined) return;
    const { id, content, status } = answer;
    const running = isRunning(answer);
    if (followed.current?.id !== id && (running || id === expectedId)) {
      followed.current = { id, reader: createSentenceReader() };
      if (running) speak('The assistant answers.');
    }
    if (running || followed.current?.id !== id) return;
    // The feed is closed by now, with what it had not shown yet.
    const rest = followed.current.reader.read(content, true);
    speak([...rest, endings[status] ?? 'The answer is complete.'].join(' '));
    followed.current = null;
    expected.set(null);
  }, [answer, expectedId]);

  useEffect(
    () =>
      feed?.subscribe(() => {
        if (followed.current?.id !== feed.messageId) return;
        const sentences = followed.current.reader.read(feed.get().text, false);
        if (sentences.length > 0) speak(sentences.join(' '));
      }),
    [feed],
  );

  useEffect(
    () => () => {
      followed.current = null;
      expected.set(null);
      speak('');
    },
    [],
  );
}
