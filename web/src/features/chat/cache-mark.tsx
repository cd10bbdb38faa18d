import { History } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { Popover } from '../../components/popover.tsx';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { percentText } from '../../lib/numbers.ts';
import { roughSpan } from '../../lib/spans.ts';
import { CacheHitParts } from './message-parts.ts';

const label = 'Given before';

interface Props {
  hit: FragmentType<typeof CacheHitParts>;
  disabled: boolean;
  onAskAgain: () => void;
}

/** Says that an answer was not made for this question, and lets the reader have one that is. */
export function CacheMark({ hit: masked, disabled, onAskAgain }: Props) {
  const { similarity, ageSeconds } = readFragment(CacheHitParts, masked);
  return (
    <Popover
      label={label}
      className="w-72 max-w-[calc(100vw-1.5rem)] p-4"
      trigger={(props) => (
        <button
          type="button"
          className="mr-1 inline-flex h-7 items-center gap-1.5 rounded-full border border-line px-2.5 text-ink-soft text-xs hover:bg-sunken hover:text-ink"
          {...props}
        >
          <History aria-hidden="true" className="size-3.5" />
          {label}, {roughSpan(ageSeconds)} ago
        </button>
      )}
    >
      {(close) => (
        <>
          <p>
            {similarity === 1
              ? 'You asked the same before, so this answer came at once, without the model.'
              : `You asked nearly the same before (${percentText(similarity)} alike), so this answer came at once, without the model.`}
          </p>
          <Button
            className="mt-3"
            disabled={disabled}
            onClick={() => {
              close();
              onAskAgain();
            }}
          >
            Ask the model again
          </Button>
        </>
      )}
    </Popover>
  );
}
