import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useMutation } from 'urql';
import { IconButton } from '../../components/icon-button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { problemOf } from '../../lib/errors.ts';
import { SelectBranch } from './mutations.ts';

interface Props {
  messageId: string;
  /** Every version at this place, oldest first, the shown one included. */
  versions: readonly { id: string }[];
  /** Called before another version takes this place. */
  onSwitch: () => void;
}

/** Leads to the other versions of a message; nothing where there is only one. */
export function BranchSwitch({ messageId, versions, onSwitch }: Props) {
  const [{ fetching }, select] = useMutation(SelectBranch);
  const index = versions.findIndex(({ id }) => id === messageId);
  if (versions.length < 2 || index === -1) return null;

  const step = (by: -1 | 1) => {
    const target = versions[index + by];
    // A disabled button would lose the focus while it waits: a click in the meantime is passed over instead.
    if (target === undefined || fetching) return;
    onSwitch();
    void select({ messageId: target.id }).then(({ error }) => {
      if (error) showNotice(problemOf(error).message);
    });
  };

  return (
    <div className="flex items-center text-ink-soft">
      <IconButton
        icon={ChevronLeft}
        label="Previous version"
        size="small"
        disabled={index === 0}
        onClick={() => step(-1)}
      />
      <span className="min-w-8 text-center text-xs tabular-nums">
        {index + 1}/{versions.length}
      </span>
      <IconButton
        icon={ChevronRight}
        label="Next version"
        size="small"
        disabled={index === versions.length - 1}
        onClick={() => step(1)}
      />
    </div>
  );
}
