import { useEffect, useRef, useState } from 'react';
import type { MessageStatus } from '../../gql/graphql.ts';
import type { ReplyFeed } from './reply-feed.ts';
import { createSentenceReader } from './sentences.ts';

interface Props {
  feed: ReplyFeed | null;
  /** How the newest answer ended, if it has. */
  ending: MessageStatus | undefined;
}

const endings: Partial<Record<MessageStatus, string>> = {
  STOPPED: 'The answer was stopped.',
  FAILED: 'The answer broke off.',
};

/** Reads an answer out to screen readers, a sentence at a time, and says when it is over. */
export function ReplyAnnouncer({ feed, ending }: Props) {
  const [spoken, setSpoken] = useState('');
  const last = useRef<ReplyFeed | null>(null);
  const latest = useRef(ending);

  useEffect(() => {
    latest.current = ending;
  });

  useEffect(() => {
    if (feed === null) {
      if (last.current !== null) setSpoken((latest.current && endings[latest.current]) ?? 'The answer is complete.');
      last.current = null;
      return;
    }
    last.current = feed;
    const reader = createSentenceReader();
    setSpoken('The assistant answers.');
    return feed.subscribe(() => {
      const { text, phase } = feed.get();
      const sentences = reader.read(text, phase === 'finished');
      if (sentences.length > 0) setSpoken(sentences.join(' '));
    });
  }, [feed]);

  return (
    <div aria-live="polite" className="sr-only">
      {spoken}
    </div>
  );
}
