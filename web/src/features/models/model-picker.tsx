import { Check, ChevronDown, TriangleAlert } from 'lucide-react';
import { Popover } from '../../components/popover.tsx';
import { cn } from '../../lib/class-names.ts';
import { modelFacts } from './model-facts.ts';
import { type Model, useModels } from './use-models.ts';

interface Props {
  /** The name that was chosen; null for whichever is the default. */
  chosen: string | null;
  onChoose: (name: string | null) => void;
  onManage: () => void;
}

/** The model that answers, and behind it the others. */
export function ModelPicker({ chosen, onChoose, onManage }: Props) {
  const { models, usual } = useModels();
  if (models === undefined) return null;
  const model = chosen === null ? usual : models.find(({ name }) => name === chosen);
  const isAmiss = !model || Boolean(model.problem);
  const shown = chosen ?? usual?.name ?? 'No model';

  return (
    <Popover
      label="Choose a model"
      side="below"
      className="w-80"
      trigger={(props) => (
        <button
          type="button"
          aria-label={`Model: ${shown}`}
          className={cn(
            '-ml-1.5 flex max-w-full items-center gap-1 rounded-md px-1.5 text-xs hover:bg-sunken',
            isAmiss ? 'text-warn' : 'text-ink-soft',
          )}
          {...props}
        >
          {isAmiss && <TriangleAlert size={13} aria-hidden className="shrink-0" />}
          <span className="truncate">{shown}</span>
          <ChevronDown size={13} aria-hidden className="shrink-0" />
        </button>
      )}
    >
      {(close) => {
        const choose = (name: string | null) => {
          close();
          if (name !== chosen) onChoose(name);
        };
        return (
          <>
            <ul className="p-1.5">
              {usual && (
                <Choice
                  name="The default"
                  facts={usual.name}
                  isChosen={chosen === null}
                  onChoose={() => choose(null)}
                />
              )}
              {models.map((one) => (
                <Choice
                  key={one.name}
                  name={one.name}
                  facts={[modelFacts(one), one.loaded && 'in memory'].filter(Boolean).join(', ')}
                  problem={one.problem}
                  isChosen={one.name === chosen}
                  onChoose={() => choose(one.name)}
                />
              ))}
            </ul>
            {chosen !== null && model === undefined && (
              <p className="px-4 pb-2 text-warn">{chosen} is not there any more.</p>
            )}
            <div className="border-line border-t px-4 py-2">
              <button
                type="button"
                onClick={() => {
                  close();
                  onManage();
                }}
                className="rounded text-accent underline underline-offset-3"
              >
                Manage models
              </button>
            </div>
          </>
        );
      }}
    </Popover>
  );
}

interface ChoiceProps {
  name: string;
  facts: string;
  problem?: Model['problem'];
  isChosen: boolean;
  onChoose: () => void;
}

function Choice({ name, facts, problem, isChosen, onChoose }: ChoiceProps) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        disabled={Boolean(problem)}
        onClick={onChoose}
        className="flex w-full items-center gap-2 rounded-lg px-2.5 py-1.5 text-left enabled:hover:bg-sunken"
      >
        <span className="min-w-0 flex-1">
          <span className={cn('block truncate font-medium', problem && 'text-ink-soft')}>{name}</span>
          <span className="block text-ink-soft text-xs [overflow-wrap:anywhere]">{problem ?? facts}</span>
        </span>
        {isChosen && <Check size={16} aria-hidden className="shrink-0 text-accent" />}
      </button>
    </li>
  );
}
