import { Link } from '@tanstack/react-router';
import { Check, CircleAlert, Minus } from 'lucide-react';
import type { ImportItem, ImportReport } from './send-import.ts';

/** Rows of a report that are drawn; the counts above it are of all. */
const mostRows = 300;

const looks = {
  failed: { icon: CircleAlert, planned: 'Cannot be imported', done: 'Not imported', className: 'text-danger' },
  imported: { icon: Check, planned: 'Can be imported', done: 'Imported', className: 'text-accent' },
  skipped: { icon: Minus, planned: 'Would be skipped', done: 'Skipped', className: 'text-ink-soft' },
} as const;

const order: readonly ImportItem['outcome'][] = ['failed', 'imported', 'skipped'];

interface Props {
  report: ImportReport;
  /** Nothing was stored: the report of a dry run. */
  isPlan: boolean;
  onOpen: () => void;
}

/** What becomes of each conversation, and why: first what needs a look. */
export function ImportReportList({ report: { items }, isPlan, onOpen }: Props) {
  if (items.length === 0) return null;
  const sorted = items.toSorted((a, b) => rank(a) - rank(b));
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable pane is scrolled by keyboard too.
      tabIndex={0}
      aria-label="Report"
      className="mt-2 max-h-[40dvh] overflow-y-auto rounded-xl border border-line"
    >
      <ul className="divide-y divide-line">
        {sorted.slice(0, mostRows).map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes.
          <ReportRow key={index} item={item} isPlan={isPlan} onOpen={onOpen} />
        ))}
      </ul>
      {sorted.length > mostRows && (
        <p className="border-line border-t px-3 py-2 text-ink-soft text-sm">
          And {(sorted.length - mostRows).toLocaleString()} more.
        </p>
      )}
    </section>
  );
}

/** What failed first, then what came with a remark. */
const rank = ({ outcome, reason }: ImportItem) => order.indexOf(outcome) * 2 + (reason === undefined ? 1 : 0);

function ReportRow({ item, isPlan, onOpen }: { item: ImportItem; isPlan: boolean; onOpen: () => void }) {
  const { icon: Icon, planned, done, className } = looks[item.outcome];
  return (
    <li className="flex items-start gap-2.5 px-3 py-2 text-sm">
      <Icon size={16} className={`mt-0.5 shrink-0 ${className}`} role="img" aria-label={isPlan ? planned : done} />
      <div className="min-w-0 flex-1">
        {item.session_id !== undefined && !isPlan ? (
          <Link
            to="/c/$id"
            params={{ id: item.session_id }}
            onClick={onOpen}
            className="block truncate text-accent underline underline-offset-3"
          >
            {item.title}
          </Link>
        ) : (
          <p className="truncate">{item.title}</p>
        )}
        {item.reason !== undefined && <p className="text-ink-soft text-xs [overflow-wrap:anywhere]">{item.reason}</p>}
      </div>
    </li>
  );
}
