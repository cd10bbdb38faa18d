import { useState } from 'react';
import { useMutation, useQuery } from 'urql';
import { useViewer } from '../../client/use-viewer.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { showNotice } from '../../components/notices.tsx';
import { TextField } from '../../components/text-field.tsx';
import { problemOf } from '../../lib/errors.ts';
import { countText } from '../../lib/numbers.ts';
import { ChoiceGroup } from './choice-group.tsx';
import { CachedAnswers, FlushCache, RecentSessions } from './documents.ts';
import { idIn } from './id-in.ts';

type Whose = 'all' | 'user' | 'session';

const choices: readonly { name: string; value: Whose }[] = [
  { name: 'Everything', value: 'all' },
  { name: 'A user’s', value: 'user' },
  { name: 'A conversation’s', value: 'session' },
];

const another = '';

/** Asks whose cached answers go, and says what that means before it happens. */
export default function FlushDialog({ onClose }: { onClose: () => void }) {
  const viewer = useViewer();
  const [whose, setWhose] = useState<Whose>('all');
  const [userId, setUserId] = useState(viewer?.id ?? '');
  const [sessionId, setSessionId] = useState<string | null>(null);
  const [{ data: recent }] = useQuery({ query: RecentSessions, pause: whose !== 'session' });
  const sessions = recent?.sessions.edges.map(({ node }) => node) ?? [];
  const session = sessionId ?? sessions[0]?.id ?? another;
  const id = whose === 'user' ? idIn(userId) : whose === 'session' ? idIn(session) : null;
  const isChosen = whose === 'all' || id !== null;
  const variables = { userId: whose === 'user' ? id : null, sessionId: whose === 'session' ? id : null };
  const [counted] = useQuery({
    query: CachedAnswers,
    variables,
    pause: !isChosen,
    requestPolicy: 'network-only',
  });
  const [{ fetching }, flush] = useMutation(FlushCache);
  const count = isChosen && !counted.fetching ? counted.data?.cachedAnswers : undefined;

  async function confirm() {
    const { data, error } = await flush(variables);
    if (error) return showNotice(problemOf(error).message);
    showNotice(`${countText(data?.flushCache ?? 0, 'answer is', 'answers are')} gone from the cache.`);
    onClose();
  }

  return (
    <Dialog title="Flush the answer cache" onClose={onClose} className="max-w-lg">
      <div className="mt-4 space-y-4">
        <ChoiceGroup label="Whose answers" choices={choices} chosen={whose} onChoose={setWhose} />
        {whose === 'user' && (
          <TextField
            label="The user’s id"
            value={userId}
            onChange={setUserId}
            hint={
              viewer && id === viewer.id ? `Yourself: ${viewer.email}` : 'As the table of users and the log have it'
            }
            problem={isChosen ? undefined : 'This is no id'}
            spellCheck={false}
            autoCapitalize="off"
          />
        )}
        {whose === 'session' && (
          <SessionChoice sessions={sessions} chosen={session} onChoose={setSessionId} isChosen={isChosen} />
        )}
        <p role="status" className="text-sm">
          {lossText(count, counted.error && problemOf(counted.error).message)}
        </p>
      </div>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={!isChosen || fetching || count === undefined || count === 0} onClick={confirm}>
          {count ? `Flush ${countText(count, 'answer', 'answers')}` : 'Flush'}
        </Button>
      </div>
    </Dialog>
  );
}

interface SessionChoiceProps {
  sessions: readonly { id: string; title: string }[];
  chosen: string;
  onChoose: (id: string) => void;
  isChosen: boolean;
}

/** One of the own conversations, or any by its address. */
function SessionChoice({ sessions, chosen, onChoose, isChosen }: SessionChoiceProps) {
  const isListed = sessions.some(({ id }) => id === chosen);
  return (
    <>
      <label className="block font-medium text-sm">
        The conversation
        <select
          value={isListed ? chosen : another}
          onChange={(event) => onChoose(event.target.value)}
          className="mt-1 block h-9.5 w-full rounded-lg border border-line-strong/50 bg-surface px-3 font-normal text-base sm:text-sm"
        >
          {sessions.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
          <option value={another}>Another, by its address</option>
        </select>
      </label>
      {!isListed && (
        <TextField
          label="Its address or id"
          value={chosen}
          onChange={onChoose}
          problem={isChosen || chosen === '' ? undefined : 'No id of a conversation is in this'}
          spellCheck={false}
          autoCapitalize="off"
        />
      )}
    </>
  );
}

function lossText(count: number | undefined, problem: string | undefined): string {
  if (problem !== undefined) return problem;
  if (count === undefined) return 'Choose whose answers go.';
  if (count === 0) return 'Nothing is kept there, so there is nothing to lose.';
  const [what, whoever] = [countText(count, 'cached answer goes', 'cached answers go'), 'Whoever asks the same again'];
  return `${what} for good. ${whoever} waits for the model. Conversations and their messages stay as they are.`;
}
