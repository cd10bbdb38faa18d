import { ArrowDown } from 'lucide-react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { Dots } from '../../components/dots.tsx';
import { cn } from '../../lib/class-names.ts';
import { MessageView } from './message-view.tsx';
import type { PlaceInThread } from './place-in-thread.ts';
import type { ReplyFeed } from './reply-feed.ts';
import { useStickToBottom } from './use-stick-to-bottom.ts';
import type { Thread, ThreadItem } from './use-thread.ts';
import { UserBubble } from './user-bubble.tsx';

/** Older and newer messages are asked for when the reader is this near to them. */
const loadWithinPx = 900;
const topMarginPx = 24;

interface Props {
  thread: Thread;
  feed: ReplyFeed | null;
  /** A question that is on its way to the server. */
  outgoing: string | null;
  /** The message to bring into view; another object asks again. */
  jump: { messageId: string } | null;
}

/** The conversation, of which only what is near the view is in the page. */
export function ThreadView({ thread, feed, outgoing, jump }: Props) {
  const { items, hasOlder, hasNewer, loadOlder, loadNewer, showNewest } = thread;
  const pane = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const { atBottom, stick, release } = useStickToBottom(pane, jump === null);
  const [editedId, setEditedId] = useState<string | null>(null);
  const editedIndex = items.findIndex(({ id }) => id === editedId);
  const memoryBegin = memoryBeginOf(items);
  const shift = useGrowsAtTop(items[0]?.id, items);

  const loadNear = () => {
    const view = pane.current;
    if (view === null || items.length === 0) return;
    if (view.scrollTop < loadWithinPx) loadOlder();
    if (view.scrollHeight - view.clientHeight - view.scrollTop < loadWithinPx) loadNewer();
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new page may leave the view near an end again.
  useEffect(loadNear, [items.length, hasOlder, hasNewer]);

  useEffect(() => {
    if (outgoing !== null) stick();
  }, [outgoing, stick]);

  const jumpedTo = useRef<object | null>(null);
  useLayoutEffect(() => {
    if (jump === null || jumpedTo.current === jump) return;
    const index = items.findIndex(({ id }) => id === jump.messageId);
    if (index === -1) return;
    jumpedTo.current = jump;
    release();
    list.current?.scrollToIndex(index, { align: 'center' });
  }, [jump, items, release]);

  const place = useMemo<PlaceInThread>(
    () => ({
      edit: setEditedId,
      follow() {
        if (hasNewer) showNewest();
        stick();
      },
      hold: release,
    }),
    [hasNewer, showNewest, stick, release],
  );

  const toLatest = () => {
    if (hasNewer) showNewest();
    stick();
  };

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={pane}
        role="log"
        aria-label="Conversation"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable pane is scrolled by keyboard too.
        tabIndex={0}
        className="h-full overflow-y-auto overscroll-contain outline-offset-[-2px] [overflow-anchor:none]"
      >
        <div>
          <div style={{ height: topMarginPx }} />
          <Virtualizer
            ref={list}
            scrollRef={pane}
            startMargin={topMarginPx}
            shift={shift}
            bufferSize={600}
            onScroll={loadNear}
            // What is half edited is not lost by scrolling.
            {...(editedIndex !== -1 && { keepMounted: [editedIndex] })}
          >
            {items.map((item, index) => (
              <MessageView
                // Versions of one message take one place: switching keeps the focus on the button that did it.
                key={item.parent?.id ?? 'first'}
                message={item}
                feed={feed?.messageId === item.id ? feed : null}
                isHit={jump?.messageId === item.id}
                isLast={index === items.length - 1}
                beginsMemory={item.id === memoryBegin}
                isEdited={index === editedIndex}
                place={place}
              />
            ))}
          </Virtualizer>
          {items.length === 0 && outgoing === null && (
            <p className="px-4 pt-[30dvh] text-center text-ink-soft">Nothing has been said here yet.</p>
          )}
          {outgoing !== null && <Outgoing text={outgoing} />}
        </div>
      </div>
      <button
        type="button"
        onClick={toLatest}
        inert={atBottom && !hasNewer}
        className={cn(
          'absolute bottom-3 left-1/2 flex -translate-x-1/2 items-center gap-1.5 rounded-full border border-line bg-raised px-3.5 py-1.5 text-sm shadow-float transition-opacity',
          atBottom && !hasNewer && 'opacity-0',
        )}
      >
        <ArrowDown size={15} aria-hidden />
        Jump to latest
      </button>
    </div>
  );
}

export function Outgoing({ text }: { text: string }) {
  return (
    <div className="mx-auto w-full max-w-3xl px-4 sm:px-6">
      <article aria-label="You" className="pb-10">
        <UserBubble text={text} />
      </article>
      <p className="flex items-center gap-2.5 py-1 text-ink-soft text-sm">
        <Dots />
        <span>Sending</span>
      </p>
    </div>
  );
}

/** The first message that the model still saw for its newest answer, where it did not see all. */
function memoryBeginOf(items: readonly ThreadItem[]): string | null {
  const receipt = items.findLast((item) => item.receipt != null)?.receipt;
  return receipt && receipt.droppedCount > 0 ? (receipt.firstIncludedMessageId ?? null) : null;
}

/** Whether this render adds messages before those of the last one: the view then keeps its place from the end. */
function useGrowsAtTop(firstId: string | undefined, items: readonly { id: string }[]): boolean {
  const last = useRef<string>(undefined);
  const grows = last.current !== undefined && last.current !== firstId && items.some(({ id }) => id === last.current);
  useLayoutEffect(() => {
    last.current = firstId;
  }, [firstId]);
  return grows;
}
