import { useNavigate } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { useClient } from 'urql';
import { Button } from '../../components/button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { Popover } from '../../components/popover.tsx';
import { type FragmentType, graphql, readFragment } from '../../gql/index.ts';
import { problemOf } from '../../lib/errors.ts';
import { percentText } from '../../lib/numbers.ts';
import { randomId } from '../../lib/random-id.ts';
import { roughSpan } from '../../lib/spans.ts';
import { CacheHitParts } from './message-parts.ts';

const label = 'Given before';

const PlaceOfMessage = graphql(`
  query PlaceOfMessage($id: ID!) {
    message(id: $id) {
      id
      session {
        id
      }
    }
  }
`);

interface Props {
  hit: FragmentType<typeof CacheHitParts>;
  disabled: boolean;
  onAskAgain: () => void;
}

/** Says that an answer was not made for this question, and lets the reader have one that is. */
export function CacheMark({ hit: masked, disabled, onAskAgain }: Props) {
  const { similarity, ageSeconds, sourceMessageId } = readFragment(CacheHitParts, masked);
  const client = useClient();
  const navigate = useNavigate();

  async function showSource(): Promise<void> {
    const { data, error } = await client.query(PlaceOfMessage, { id: sourceMessageId }).toPromise();
    if (error) return showNotice(problemOf(error).message);
    if (!data?.message) return showNotice('The first answer was deleted since.');
    const { id } = data.message.session;
    await navigate({ to: '/c/$id', params: { id }, search: { m: sourceMessageId }, state: { visit: randomId() } });
  }

  return (
    <Popover
      label={label}
      className="w-72 max-w-[calc(100vw-1.5rem)] p-4"
      trigger={(props) => (
        <button
          type="button"
          className="mr-1 inline-flex h-7 items-center gap-1.5 rounded-full border border-line px-2.5 text-ink-soft text-xs hover:bg-sunken hover:text-ink"
          {...props}
        >
          <History aria-hidden="true" className="size-3.5" />
          {label}, {roughSpan(ageSeconds)} earlier{similarity < 1 && `, ${percentText(similarity)} alike`}
        </button>
      )}
    >
      {(close) => (
        <>
          <p>
            {similarity === 1
              ? 'You asked the same before, so this answer came at once, without the model.'
              : `You asked nearly the same before (${percentText(similarity)} alike), so this answer came at once, without the model.`}
          </p>
          <div className="mt-3 flex flex-wrap gap-2">
            <Button
              disabled={disabled}
              onClick={() => {
                close();
                onAskAgain();
              }}
            >
              Ask the model again
            </Button>
            <Button
              look="plain"
              onClick={() => {
                close();
                void showSource();
              }}
            >
              Show the first
            </Button>
          </div>
        </>
      )}
    </Popover>
  );
}
