import { CircleAlert, CircleStop, Scissors } from 'lucide-react';
import { memo, type ReactNode, useSyncExternalStore } from 'react';
import { Dots } from '../../components/dots.tsx';
import { Markdown } from '../../components/markdown/markdown.tsx';
import type { MessagePartsFragment } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { cn } from '../../lib/class-names.ts';
import { MessageActions } from './message-actions.tsx';
import { MessageParts } from './message-parts.ts';
import type { ReplyFeed } from './reply-feed.ts';
import { emptyReply, type ReplyState } from './reply-fold.ts';

interface Props {
  message: FragmentType<typeof MessageParts>;
  /** The reply's events, while it is being written. */
  feed: ReplyFeed | null;
  /** A search or a pin led here. */
  isHit: boolean;
  isLast: boolean;
}

/** One message of the thread. Only the one that is being written draws itself again while text arrives. */
export const MessageView = memo(function MessageView({ message: masked, feed, isHit, isLast }: Props) {
  const message = readFragment(MessageParts, masked);
  return (
    <article
      aria-label={message.role === 'USER' ? 'You' : 'Assistant'}
      className={cn('group/message mx-auto w-full max-w-3xl px-4 sm:px-6', message.role === 'USER' ? 'pb-1' : 'pb-6')}
    >
      <div className={cn('rounded-2xl', isHit && 'hit')}>
        {message.role === 'USER' ? <UserBubble text={message.content} /> : <Answer message={message} feed={feed} />}
      </div>
      <MessageActions message={masked} isLast={isLast} />
    </article>
  );
});

export function UserBubble({ text }: { text: string }) {
  return (
    <div className="ml-auto w-fit max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 [overflow-wrap:anywhere]">
      {text}
    </div>
  );
}

const noFeed: Pick<ReplyFeed, 'get' | 'subscribe'> = { get: () => emptyReply, subscribe: () => () => {} };

function Answer({ message, feed }: { message: MessagePartsFragment; feed: ReplyFeed | null }) {
  const { subscribe, get } = feed ?? noFeed;
  const reply = useSyncExternalStore(subscribe, get);
  const running = isRunning(message);
  const text = running && reply.text !== '' ? reply.text : message.content;
  return (
    <>
      {text !== '' && <Markdown text={text} whole={!running} />}
      {running && <Progress reply={reply} hasText={text !== ''} />}
      <Ending message={message} />
    </>
  );
}

export const isRunning = ({ status }: Pick<MessagePartsFragment, 'status'>): boolean =>
  status === 'PENDING' || status === 'IN_PROGRESS';

function Progress({ reply, hasText }: { reply: ReplyState; hasText: boolean }) {
  return (
    <p className={cn('flex items-center gap-2.5 text-ink-soft text-sm', hasText ? 'mt-2' : 'py-1')}>
      <Dots />
      {!hasText && <span>{progressText(reply)}</span>}
    </p>
  );
}

function progressText({ phase, position, read }: ReplyState): string {
  if (phase === 'queued') return position === 1 ? 'Next in the queue' : `Place ${position} in the queue`;
  if (phase === 'reading') return `Reading the conversation, ${Math.round((read ?? 0) * 100)} %`;
  return 'Thinking';
}

function Ending({ message: { status, errorMessage, receipt, content } }: { message: MessagePartsFragment }) {
  if (status === 'FAILED') {
    return (
      <div className="mt-2 flex items-start gap-2.5 rounded-xl bg-danger-soft px-4 py-2.5 text-danger text-sm">
        <CircleAlert size={17} aria-hidden className="mt-0.5 shrink-0" />
        <p>
          {errorMessage ?? 'The answer broke off.'}
          {content !== '' && ' What was written until then is kept.'}
        </p>
      </div>
    );
  }
  if (status === 'STOPPED') {
    return (
      <Note icon={<CircleStop size={15} aria-hidden />}>
        {content === '' ? 'Stopped before the first word' : 'Stopped'}
      </Note>
    );
  }
  if (receipt?.finishReason === 'LENGTH') {
    return <Note icon={<Scissors size={15} aria-hidden />}>Ends here: the answer reached its length limit</Note>;
  }
  return null;
}

function Note({ icon, children }: { icon: ReactNode; children: string }) {
  return (
    <p className="mt-2 flex items-center gap-2 text-ink-soft text-sm">
      {icon}
      {children}
    </p>
  );
}
