import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/text-field.tsx';
import type { PromptTemplateValueInput } from '../../gql/graphql.ts';
import type { Template } from './use-template.ts';

interface Props {
  template: Template;
  /** What the button says. */
  action: string;
  onUse: (values: PromptTemplateValueInput[]) => void;
  onClose: () => void;
}

const longest = 4_000;

/** Asks for what the variables of a template stand for. */
export function TemplateFields({ template: { name, description, variables }, action, onUse, onClose }: Props) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const given = variables.map((variable) => ({ name: variable, value: values[variable]?.trim() ?? '' }));
  const isComplete = given.every(({ value }) => value !== '');

  return (
    <Dialog
      title={name}
      {...(description !== '' && { description })}
      onClose={onClose}
      unsaved={given.some(({ value }) => value !== '')}
      className="max-h-[90dvh] overflow-y-auto"
    >
      <form
        className="mt-4 space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) onUse(given);
        }}
      >
        {variables.map((variable, index) => (
          <TextField
            key={variable}
            label={labelOf(variable)}
            value={values[variable] ?? ''}
            maxLength={longest}
            autoFocus={index === 0}
            onChange={(value) => setValues((before) => ({ ...before, [variable]: value }))}
          />
        ))}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!isComplete}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** `target_language` as a person reads it: Target language. */
function labelOf(variable: string): string {
  const words = variable.replaceAll(/[_-]+/g, ' ').trim();
  return words === '' ? variable : words.charAt(0).toUpperCase() + words.slice(1);
}
