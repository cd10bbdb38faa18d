import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** So near to the end counts as the end. */
const slackPx = 40;

export interface StickToBottom {
  /** The reader is at the end, and stays there while text arrives. */
  atBottom: boolean;
  stick(): void;
  release(): void;
}

/** Keeps a pane at its end while it grows, exactly as long as the reader is there: scrolling up lets go. */
export function useStickToBottom(pane: RefObject<HTMLElement | null>, initially: boolean): StickToBottom {
  const [atBottom, setAtBottom] = useState(initially);
  const sticks = useRef(initially);

  const set = useCallback((value: boolean) => {
    sticks.current = value;
    setAtBottom(value);
  }, []);

  useEffect(() => {
    const element = pane.current;
    if (element === null) return;
    let last = element.scrollTop;
    const toBottom = () => {
      if (sticks.current) element.scrollTop = element.scrollHeight;
    };
    const onScroll = () => {
      const isAtEnd = element.scrollHeight - element.clientHeight - element.scrollTop <= slackPx;
      if (isAtEnd) set(true);
      else if (element.scrollTop < last) set(false);
      last = element.scrollTop;
    };
    const observer = new ResizeObserver(toBottom);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    element.addEventListener('scroll', onScroll, { passive: true });
    toBottom();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, [pane, set]);

  const stick = useCallback(() => {
    set(true);
    if (pane.current) pane.current.scrollTop = pane.current.scrollHeight;
  }, [pane, set]);

  return { atBottom, stick, release: useCallback(() => set(false), [set]) };
}
