import { Check, Copy } from 'lucide-react';
import { memo, useEffect, useState } from 'react';
import { useCopied } from '../use-copied.ts';
import type { Segment } from './highlight.ts';

interface Props {
  code: string;
  language: string;
  /** False while it is still being written: it is coloured once it stands still. */
  closed: boolean;
}

/** Code as it was written, with its language, a way to copy it, and its colours as soon as the highlighter is there. */
export const CodeBlock = memo(function CodeBlock({ code, language, closed }: Props) {
  const segments = useSegments(code, language, closed);
  const [copied, copy] = useCopied();
  const label = language || 'text';

  return (
    <figure className="my-4 overflow-hidden rounded-xl border border-line bg-sunken" aria-label={`Code, ${label}`}>
      <figcaption className="flex h-9 items-center justify-between border-line border-b pr-1 pl-4 text-ink-soft text-xs">
        <span className="truncate font-mono">{label}</span>
        <button
          type="button"
          onClick={() => copy(code)}
          className="flex items-center gap-1.5 rounded-md px-2 py-1 hover:bg-line hover:text-ink"
        >
          {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
          {copied ? 'Copied' : 'Copy code'}
        </button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are read by scrolling, also without a mouse. */}
      <pre className="overflow-x-auto px-4 py-3 font-mono text-[13px] leading-relaxed" tabIndex={0}>
        <code>
          {segments === null
            ? code
            : segments.map(({ text, scope }, index) =>
                scope === null ? (
                  text
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the segments of one text never move.
                  <span key={index} style={{ color: `var(--code-${scope})` }}>
                    {text}
                  </span>
                ),
              )}
        </code>
      </pre>
    </figure>
  );
});

function useSegments(code: string, language: string, closed: boolean): Segment[] | null {
  const [segments, setSegments] = useState<Segment[] | null>(null);
  useEffect(() => {
    let wanted = closed && language !== '';
    if (wanted) {
      import('./highlight.ts').then(
        ({ highlight }) => wanted && setSegments(highlight(code, language)),
        () => {}, // Without the highlighter code is still code.
      );
    }
    return () => {
      wanted = false;
      setSegments(null);
    };
  }, [code, language, closed]);
  return segments;
}
