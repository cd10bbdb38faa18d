import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/text-field.tsx';
import { problemOf } from '../../lib/errors.ts';
import { Instructions, SetInstructions } from './documents.ts';

interface Props {
  sessionId: string;
  onClose: () => void;
}

const longest = 4_000;

/** The system prompt of a conversation: what the model is told before everything else. */
export default function InstructionsDialog({ sessionId, onClose }: Props) {
  const [{ data, error }] = useQuery({
    query: Instructions,
    variables: { id: sessionId },
    requestPolicy: 'cache-and-network',
  });
  const [typed, setTyped] = useState<string | null>(null);
  const [saved, save] = useMutation(SetInstructions);
  const current = data?.session?.systemPrompt ?? '';
  const text = typed ?? current;
  const problem = error ?? saved.error;

  async function submit() {
    const result = await save({ id: sessionId, input: { systemPrompt: text.trim() === '' ? null : text } });
    if (!result.error) onClose();
  }

  return (
    <Dialog
      title="Instructions"
      description="What the model is told before everything else in this conversation: its role, its tone, what to keep to."
      onClose={onClose}
      unsaved={text !== current}
      className="max-h-[90dvh] max-w-xl overflow-y-auto"
    >
      <form
        className="mt-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          label="Instructions for the model"
          rows={10}
          value={text}
          maxLength={longest}
          disabled={data === undefined}
          autoFocus
          hint="Changing them has the model read the conversation anew before its next answer."
          onChange={setTyped}
        />
        {problem && (
          <p role="alert" className="mt-2 text-danger text-sm">
            {problemOf(problem).message}
          </p>
        )}
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" disabled={data === undefined || saved.fetching}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
