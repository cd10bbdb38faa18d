import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { openReplyFeed, type ReplyFeed } from './reply-feed.ts';

/** The feed of the reply that is being written; null while none is. */
export function useReplyFeed(messageId: string | null): ReplyFeed | null {
  const client = useClient();
  const [feed, setFeed] = useState<ReplyFeed | null>(null);

  useEffect(() => {
    if (messageId === null) return;
    const opened = openReplyFeed(client, messageId);
    setFeed(opened);
    return () => {
      opened.close();
      setFeed(null);
    };
  }, [client, messageId]);

  return feed;
}
