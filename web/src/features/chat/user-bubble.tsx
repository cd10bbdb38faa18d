import { ChevronDown, ChevronUp } from 'lucide-react';
import { useId, useState } from 'react';
import { cn } from '../../lib/class-names.ts';
import { linesOf } from './lines-of.ts';

/** What is longer is shown by its beginning, and whole when that is asked for. */
const shownLines = 20;
const worthHiding = 10;

interface Props {
  text: string;
  /** Shown whole from the start, since somebody looks for something in it. */
  isWhole?: boolean;
}

/** What a person wrote; a long text that was pasted does not stand between two answers with all its length. */
export function UserBubble({ text, isWhole = false }: Props) {
  const id = useId();
  const [isOpen, setOpen] = useState(isWhole);
  const lines = linesOf(text);
  const isLong = lines > shownLines + worthHiding;
  const Icon = isOpen ? ChevronUp : ChevronDown;
  return (
    <div className="ml-auto w-fit max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5">
      <div
        id={id}
        className={cn(
          'whitespace-pre-wrap [overflow-wrap:anywhere]',
          isLong && !isOpen && 'max-h-120 overflow-hidden [mask-image:linear-gradient(black_85%,transparent)]',
        )}
      >
        {text}
      </div>
      {isLong && (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
          className="-ml-2 mt-1 flex h-8 items-center gap-1.5 rounded-lg px-2 font-medium text-accent text-sm hover:underline pointer-coarse:h-10"
        >
          <Icon size={16} aria-hidden />
          {isOpen ? 'Show less' : 'Show all of it'}
        </button>
      )}
    </div>
  );
}
