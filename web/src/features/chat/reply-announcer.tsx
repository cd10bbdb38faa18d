import { useEffect, useRef, useState } from 'react';
import type { ReplyFeed } from './reply-feed.ts';
import { createSentenceReader } from './sentences.ts';

/** Reads an answer out to screen readers, a sentence at a time, and says when it is over. */
export function ReplyAnnouncer({ feed }: { feed: ReplyFeed | null }) {
  const [spoken, setSpoken] = useState('');
  const last = useRef<ReplyFeed | null>(null);

  useEffect(() => {
    if (feed === null) {
      if (last.current !== null) setSpoken('The answer is complete.');
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
