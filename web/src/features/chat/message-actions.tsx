import { Check, Copy, Pin, ThumbsDown, ThumbsUp } from 'lucide-react';
import type { CombinedError } from 'urql';
import { useMutation } from 'urql';
import { IconButton } from '../../components/icon-button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { useCopied } from '../../components/use-copied.ts';
import type { Rating } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { cn } from '../../lib/class-names.ts';
import { problemOf } from '../../lib/errors.ts';
import { MessageParts } from './message-parts.ts';
import { PinMessage, RateMessage } from './mutations.ts';

interface Props {
  message: FragmentType<typeof MessageParts>;
  isLast: boolean;
}

/** What can be done with a message; in sight on the newest one, under the pointer, and when reached by keyboard. */
export function MessageActions({ message: masked, isLast }: Props) {
  const message = readFragment(MessageParts, masked);
  const [, rate] = useMutation(RateMessage);
  const [, pin] = useMutation(PinMessage);
  const [copied, copy] = useCopied();
  const isAnswer = message.role === 'ASSISTANT';
  const isDone = message.status !== 'PENDING' && message.status !== 'IN_PROGRESS';

  const tell = ({ error }: { error?: CombinedError | undefined }) => {
    if (error) showNotice(problemOf(error).message);
  };
  const setRating = (rating: Rating) =>
    rate({ id: message.id, rating: message.rating === rating ? null : rating }).then(tell);

  if (!isDone) return <div className="h-9" />;
  return (
    <div
      className={cn(
        'mt-1 flex h-8 items-center text-ink-soft transition-opacity',
        isAnswer ? '-ml-2' : 'justify-end',
        !(isLast && isAnswer) &&
          !message.pinned &&
          message.rating === null &&
          'pointer-fine:opacity-0 pointer-fine:focus-within:opacity-100 pointer-fine:group-hover/message:opacity-100',
      )}
    >
      {message.content !== '' && (
        <IconButton icon={copied ? Check : Copy} label="Copy" size="small" onClick={() => copy(message.content)} />
      )}
      {isAnswer && (
        <>
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
      )}
      <IconButton
        icon={Pin}
        label={message.pinned ? 'Unpin' : 'Pin'}
        size="small"
        active={message.pinned}
        onClick={() => pin({ id: message.id, pinned: !message.pinned }).then(tell)}
      />
      <time dateTime={message.createdAt} className="px-2 text-xs">
        {timeOf(message.createdAt)}
      </time>
    </div>
  );
}

const today = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const earlier = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

function timeOf(moment: string): string {
  const date = new Date(moment);
  return (date.toDateString() === new Date().toDateString() ? today : earlier).format(date);
}
