import { type ReactNode, useId, useState } from 'react';
import { readFragment } from '../../gql/index.ts';
import { recall, remember } from '../../lib/local-storage.ts';
import { CachePanel } from './cache-panel.tsx';
import { ChoiceGroup } from './choice-group.tsx';
import { EndedParts } from './documents.ts';
import { HealthPanel } from './health-panel.tsx';
import { LiveFigureCards } from './live-figures.tsx';
import { ModelStates } from './model-states.tsx';
import { UsagePanel } from './usage-panel.tsx';
import { useHealth } from './use-health.ts';
import { type Figures, useLiveFigures } from './use-live-figures.ts';

const forms = [
  { name: 'Charts', value: false },
  { name: 'Tables', value: true },
];

/** Everything that an operator asks of a running portal, pushed as it changes. */
export default function OperatorPanels() {
  const { samples, problem } = useLiveFigures();
  const health = useHealth();
  const [asTables, setAsTables] = useState(() => recall('figures') === 'tables');
  const figures = samples.findLast((sample) => sample.figures !== null)?.figures ?? null;
  const isRedisAway = health.parts.some(({ name, status }) => name === 'redis' && status === 'down');
  const chooseForm = (tables: boolean) => {
    remember('figures', tables ? 'tables' : null);
    setAsTables(tables);
  };

  return (
    <div className="mx-auto max-w-7xl space-y-8 px-4 py-5 sm:px-6">
      <Panel title="Health">
        <HealthPanel health={health} />
        <div className="mt-3">
          <ModelStates />
        </div>
      </Panel>
      <Panel
        title="Now"
        more={<ChoiceGroup label="Figures as" choices={forms} chosen={asTables} onChoose={chooseForm} />}
      >
        <LiveFigureCards samples={samples} problem={problem?.message ?? null} asTables={asTables} />
      </Panel>
      <Panel title="Answer cache">
        <CachePanel figures={figures} isRedisAway={isRedisAway} />
      </Panel>
      <Panel title="Use by day and model">
        <UsagePanel asTables={asTables} answered={figures === null ? 0 : answeredOf(figures)} />
      </Panel>
    </div>
  );
}

/** Replies that ended so far. */
function answeredOf({ endedReplies }: Figures): number {
  const { complete, cached, stopped, failed } = readFragment(EndedParts, endedReplies);
  return complete + cached + stopped + failed;
}

function Panel({ title, more, children }: { title: string; more?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="mb-3 flex min-h-9 flex-wrap items-center justify-between gap-2">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {more}
      </div>
      {children}
    </section>
  );
}
