import { memo, type RefObject, useEffect, useRef, useSyncExternalStore } from 'react';
import { Markdown } from '../../components/markdown/markdown.tsx';
import type { MessagePartsFragment } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { cn } from '../../lib/class-names.ts';
import { AnswerEnding } from './answer-ending.tsx';
import { EditField } from './edit-field.tsx';
import { MessageActions } from './message-actions.tsx';
import { isRunning, MessageParts } from './message-parts.ts';
import type { PlaceInThread } from './place-in-thread.ts';
import type { ReplyFeed } from './reply-feed.ts';
import { emptyReply } from './reply-fold.ts';
import { ReplyProgress } from './reply-progress.tsx';
import { UserBubble } from './user-bubble.tsx';

interface Props {
  message: FragmentType<typeof MessageParts>;
  /** The reply's events, while it is being written. */
  feed: ReplyFeed | null;
  /** A search or a pin led here. */
  isHit: boolean;
  isLast: boolean;
  /** The newest answer was made without what stands before this message. */
  beginsMemory: boolean;
  isEdited: boolean;
  place: PlaceInThread;
}

/** One message of the thread. Only the one that is being written draws itself again while text arrives. */
export const MessageView = memo(function MessageView(props: Props) {
  const { message: masked, feed, isHit, isLast, beginsMemory, isEdited, place } = props;
  const message = readFragment(MessageParts, masked);
  const editButton = useRef<HTMLButtonElement>(null);
  useFocusAfter(isEdited, editButton);
  return (
    <article
      aria-label={message.role === 'USER' ? 'You' : 'Assistant'}
      className={cn('group/message mx-auto w-full max-w-3xl px-4 sm:px-6', message.role === 'USER' ? 'pb-1' : 'pb-6')}
    >
      {beginsMemory && <MemoryLine />}
      {isEdited ? (
        <EditField
          messageId={message.id}
          content={message.content}
          onRerun={place.follow}
          onClose={() => place.edit(null)}
        />
      ) : (
        <>
          <div className={cn('rounded-2xl', isHit && 'hit')}>
            {message.role === 'USER' ? (
              <UserBubble text={message.content} isWhole={isHit} />
            ) : (
              <Answer message={message} feed={feed} />
            )}
          </div>
          <MessageActions message={masked} isLast={isLast} place={place} editButton={editButton} />
        </>
      )}
    </article>
  );
});

const noFeed: Pick<ReplyFeed, 'get' | 'subscribe'> = { get: () => emptyReply, subscribe: () => () => {} };

function Answer({ message, feed }: { message: MessagePartsFragment; feed: ReplyFeed | null }) {
  const { subscribe, get } = feed ?? noFeed;
  const reply = useSyncExternalStore(subscribe, get);
  const running = isRunning(message);
  const text = running && reply.text !== '' ? reply.text : message.content;
  return (
    <>
      {text !== '' && <Markdown text={text} whole={!running} />}
      {running && <ReplyProgress reply={reply} hasText={text !== ''} />}
      <AnswerEnding message={message} />
    </>
  );
}

function MemoryLine() {
  return (
    <p className="flex items-center gap-3 pt-1 pb-5 text-ink-soft text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
      The model no longer sees what is above
    </p>
  );
}

/** Gives the focus to the button that opened something, once that is closed. */
function useFocusAfter(open: boolean, button: RefObject<HTMLButtonElement | null>): void {
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !open) button.current?.focus();
    wasOpen.current = open;
  }, [open, button]);
}
