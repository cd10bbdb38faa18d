import { cn } from '../../lib/class-names.ts';

interface Props<Value> {
  label: string;
  choices: readonly { name: string; value: Value }[];
  chosen: Value;
  onChoose: (value: Value) => void;
}

/** One of a few, side by side. */
export function ChoiceGroup<Value>({ label, choices, chosen, onChoose }: Props<Value>) {
  return (
    <fieldset className="flex flex-wrap rounded-lg border border-line bg-surface p-0.5">
      <legend className="sr-only">{label}</legend>
      {choices.map(({ name, value }) => (
        <button
          key={name}
          type="button"
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
          className={cn(
            'h-7 rounded-md px-2.5 text-xs pointer-coarse:h-9',
            value === chosen ? 'bg-accent-soft font-medium text-ink' : 'text-ink-soft hover:text-ink',
          )}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
