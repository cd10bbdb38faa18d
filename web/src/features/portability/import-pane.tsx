import { FileUp } from 'lucide-react';
import { type DragEvent, useCallback, useEffect, useRef, useState } from 'react';
import { usePortal } from '../../client/portal.ts';
import { Button } from '../../components/button.tsx';
import { Dots } from '../../components/dots.tsx';
import { cn } from '../../lib/class-names.ts';
import { ImportReportList } from './import-report.tsx';
import { type ImportReport, sendImport } from './send-import.ts';

type State =
  | { step: 'choose'; problem: string | null }
  | { step: 'looking'; file: File }
  | { step: 'importing'; file: File }
  | { step: 'looked'; file: File; report: ImportReport }
  | { step: 'done'; report: ImportReport };

interface Props {
  dropped: File | null;
  onClose: () => void;
}

/** A file is looked at first: what would become of each conversation is told before anything is stored. */
export function ImportPane({ dropped, onClose }: Props) {
  const { refresh } = usePortal();
  const [state, setState] = useState<State>({ step: 'choose', problem: null });
  const run = useRef<AbortController | null>(null);

  const send = useCallback(
    async (file: File, dryRun: boolean) => {
      run.current?.abort();
      const controller = new AbortController();
      run.current = controller;
      setState({ step: dryRun ? 'looking' : 'importing', file });
      try {
        const report = await sendImport(file, dryRun, controller.signal);
        setState(dryRun ? { step: 'looked', file, report } : { step: 'done', report });
      } catch (error) {
        if (controller.signal.aborted) return;
        setState({ step: 'choose', problem: error instanceof Error ? error.message : String(error) });
      } finally {
        if (!dryRun) refresh.now();
      }
    },
    [refresh],
  );

  useEffect(() => {
    if (dropped !== null) void send(dropped, true);
    return () => run.current?.abort();
  }, [dropped, send]);

  const reset = () => {
    run.current?.abort();
    setState({ step: 'choose', problem: null });
  };

  if (state.step === 'choose') return <ChooseFile problem={state.problem} onFile={(file) => void send(file, true)} />;
  if (state.step === 'looking' || state.step === 'importing') {
    return (
      <div role="status" className="mt-3 flex items-center gap-3 text-ink-soft text-sm">
        <Dots />
        <p className="min-w-0 flex-1 truncate">
          {state.step === 'looking' ? 'Looking into' : 'Importing'} {state.file.name}
        </p>
        <Button onClick={reset}>Cancel</Button>
      </div>
    );
  }
  const { report } = state;
  const isPlan = state.step === 'looked';
  return (
    <div className="mt-2">
      <p role="status" className="text-sm">
        {summaryOf(report, isPlan)}
      </p>
      <ImportReportList report={report} isPlan={isPlan} onOpen={onClose} />
      <div className="mt-3 flex flex-wrap justify-end gap-2">
        <Button onClick={reset}>{isPlan ? 'Cancel' : 'Import another file'}</Button>
        {isPlan ? (
          report.imported > 0 && (
            <Button look="primary" onClick={() => void send(state.file, false)}>
              Import {counted(report.imported)}
            </Button>
          )
        ) : (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        )}
      </div>
    </div>
  );
}

function ChooseFile({ problem, onFile }: { problem: string | null; onFile: (file: File) => void }) {
  const [isOver, setOver] = useState(false);
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <>
      <label
        onDragOver={over}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
        className={cn(
          'mt-2 flex cursor-pointer flex-col items-center gap-1.5 rounded-xl border border-line-strong/60 border-dashed px-4 py-6 text-center has-focus-visible:outline-2 has-focus-visible:outline-accent hover:bg-sunken',
          isOver && 'border-accent bg-accent-soft',
        )}
      >
        <FileUp size={22} aria-hidden className="text-ink-soft" />
        <span className="font-medium text-sm">Choose a file, or drop it here</span>
        <span className="text-ink-soft text-xs">
          An export of this portal, of ChatGPT (the zip or its conversations.json), of Open WebUI, or messages in
          OpenAI's form
        </span>
        <input
          type="file"
          accept=".json,.zip,application/json,application/zip"
          className="sr-only"
          onChange={({ target }) => {
            const file = target.files?.[0];
            target.value = '';
            if (file !== undefined) onFile(file);
          }}
        />
      </label>
      {problem !== null && (
        <p role="alert" className="mt-2 rounded-xl bg-danger-soft px-4 py-2 text-danger text-sm">
          {problem}
        </p>
      )}
    </>
  );
}

const counted = (count: number) => `${count.toLocaleString()} ${count === 1 ? 'conversation' : 'conversations'}`;

function summaryOf({ imported, skipped, failed }: ImportReport, isPlan: boolean): string {
  const parts = [
    `${counted(imported)} ${isPlan ? 'can be imported' : imported === 1 ? 'was imported' : 'were imported'}`,
    skipped > 0 && `${skipped.toLocaleString()} ${skipped === 1 ? 'is' : 'are'} skipped`,
    failed > 0 && `${failed.toLocaleString()} cannot be`,
  ];
  return `${parts.filter(Boolean).join(', ')}.${isPlan ? ' Nothing is stored yet.' : ''}`;
}
