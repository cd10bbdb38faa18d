import { Check, Copy, Pencil, Pin, RefreshCw, ThumbsDown, ThumbsUp } from 'lucide-react';
import type { RefObject } from 'react';
import type { CombinedError } from 'urql';
import { useMutation } from 'urql';
import { IconButton } from '../../components/icon-button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { useCopied } from '../../components/use-copied.ts';
import type { Rating } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { cn } from '../../lib/class-names.ts';
import { problemOf } from '../../lib/errors.ts';
import { BranchSwitch } from './branch-switch.tsx';
import { CacheMark } from './cache-mark.tsx';
import { MessageParts } from './message-parts.ts';
import { PinMessage, RateMessage, RegenerateReply } from './mutations.ts';
import type { PlaceInThread } from './place-in-thread.ts';
import { ReceiptMark } from './receipt-mark.tsx';
import { expectReply } from './use-reply-announcer.ts';

interface Props {
  message: FragmentType<typeof MessageParts>;
  isLast: boolean;
  place: PlaceInThread;
  editButton: RefObject<HTMLButtonElement | null>;
}

/** What can be done with a message; in sight on the newest one, under the pointer, and when reached by keyboard. */
export function MessageActions({ message: masked, isLast, place, editButton }: Props) {
  const message = readFragment(MessageParts, masked);
  const [, rate] = useMutation(RateMessage);
  const [, pin] = useMutation(PinMessage);
  const [{ fetching: isAsking }, regenerate] = useMutation(RegenerateReply);
  const [copied, copy] = useCopied();
  const isAnswer = message.role === 'ASSISTANT';
  const isDone = message.status !== 'PENDING' && message.status !== 'IN_PROGRESS';

  const tell = ({ error }: { error?: CombinedError | undefined }) => {
    if (error) showNotice(problemOf(error).message);
  };
  const setRating = (rating: Rating) =>
    rate({ id: message.id, rating: message.rating === rating ? null : rating }).then(tell);

  const askAgain = async () => {
    place.follow();
    const result = await regenerate({ id: message.id });
    if (result.data) expectReply(result.data.regenerateReply);
    tell(result);
  };

  return (
    <div className={cn('mt-1 flex min-h-8 flex-wrap items-center', isAnswer ? '-ml-2' : 'justify-end')}>
      <BranchSwitch messageId={message.id} versions={message.siblings} onSwitch={place.hold} />
      {message.cacheHit && <CacheMark hit={message.cacheHit} disabled={isAsking} onAskAgain={askAgain} />}
      {isDone && (
        <div
          className={cn(
            'flex flex-wrap items-center text-ink-soft transition-opacity',
            !(isLast && isAnswer) &&
              !message.pinned &&
              message.rating === null &&
              'pointer-fine:opacity-0 pointer-fine:focus-within:opacity-100 pointer-fine:group-hover/message:opacity-100',
          )}
        >
          {message.content !== '' && (
            <IconButton icon={copied ? Check : Copy} label="Copy" size="small" onClick={() => copy(message.content)} />
          )}
          {isAnswer ? (
            <>
              <IconButton icon={RefreshCw} label="Regenerate" size="small" disabled={isAsking} onClick={askAgain} />
              <IconButton
                icon={ThumbsUp}
                label="Good answer"
                size="small"
                active={message.rating === 'UP'}
                aria-pressed={message.rating === 'UP'}
                onClick={() => setRating('UP')}
              />
              <IconButton
                icon={ThumbsDown}
                label="Bad answer"
                size="small"
                active={message.rating === 'DOWN'}
                aria-pressed={message.rating === 'DOWN'}
                onClick={() => setRating('DOWN')}
              />
            </>
          ) : (
            <IconButton
              ref={editButton}
              icon={Pencil}
              label="Edit"
              size="small"
              onClick={() => place.edit(message.id)}
            />
          )}
          <IconButton
            icon={Pin}
            label={message.pinned ? 'Unpin' : 'Pin'}
            size="small"
            active={message.pinned}
            onClick={() => pin({ id: message.id, pinned: !message.pinned }).then(tell)}
          />
          {message.receipt && <ReceiptMark receipt={message.receipt} />}
          <time dateTime={message.createdAt} className="px-2 text-xs">
            {timeOf(message.createdAt)}
          </time>
        </div>
      )}
    </div>
  );
}

const today = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const earlier = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function timeOf(moment: string): string {
  const date = new Date(moment);
  return (date.toDateString() === new Date().toDateString() ? today : earlier).format(date);
}
