import { type RefObject, useLayoutEffect } from 'react';

const tallestPx = 240;

/** As tall as its text, up to a limit. */
export function useGrowingHeight(ref: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows from the text.
  useLayoutEffect(() => {
    const field = ref.current;
    if (field === null) return;
    field.style.height = 'auto';
    field.style.height = `${Math.min(tallestPx, field.scrollHeight)}px`;
  }, [ref, text]);
}
