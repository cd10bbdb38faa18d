import { Gauge } from 'lucide-react';
import { IconButton } from '../../components/icon-button.tsx';
import { Popover } from '../../components/popover.tsx';
import type { FinishReason } from '../../gql/graphql.ts';
import { type FragmentType, readFragment } from '../../gql/index.ts';
import { countText, decimalText, wholeText } from '../../lib/numbers.ts';
import { spanText } from '../../lib/spans.ts';
import { ReceiptParts } from './message-parts.ts';

const label = 'How this answer was made';

const endings: Record<FinishReason, string> = {
  STOP: 'The model was done',
  LENGTH: 'It reached its length limit',
  CANCELLED: 'It was stopped',
  ERROR: 'An error',
};

/** The mark behind which stands what the model read for an answer, and what that cost. */
export function ReceiptMark({ receipt }: { receipt: FragmentType<typeof ReceiptParts> }) {
  return (
    <Popover
      label={label}
      className="w-max p-4"
      trigger={(props) => <IconButton icon={Gauge} label={label} size="small" {...props} />}
    >
      {() => <ReceiptRows receipt={receipt} />}
    </Popover>
  );
}

function ReceiptRows({ receipt: masked }: { receipt: FragmentType<typeof ReceiptParts> }) {
  const receipt = readFragment(ReceiptParts, masked);
  const { tokensPerSecond, timeToFirstTokenMs, finishReason } = receipt;
  const rows: [string, string][] = [
    ['Model', receipt.modelName],
    ['Prompt', tokens(receipt.promptTokens)],
    ['Of it, still in memory', tokens(receipt.reusedTokens)],
    ['Answer', tokens(receipt.completionTokens)],
  ];
  if (tokensPerSecond != null) rows.push(['Speed', `${decimalText(tokensPerSecond)} tokens/s`]);
  if (timeToFirstTokenMs != null) rows.push(['First token after', spanText(timeToFirstTokenMs)]);
  if (finishReason != null) rows.push(['Why it ended', endings[finishReason]]);
  rows.push(['Messages read', wholeText(receipt.includedCount)], ['Dropped', wholeText(receipt.droppedCount)]);

  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="text-right tabular-nums [overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const tokens = (count: number) => countText(count, 'token', 'tokens');
