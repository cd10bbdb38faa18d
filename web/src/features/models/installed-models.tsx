import { CircleAlert, TriangleAlert } from 'lucide-react';
import { useMutation } from 'urql';
import { Button } from '../../components/button.tsx';
import { showNotice } from '../../components/notices.tsx';
import { bytesText } from '../../lib/bytes.ts';
import { problemOf } from '../../lib/errors.ts';
import { LoadModel, UnloadModel } from './documents.ts';
import { isElsewhere, modelFacts } from './model-facts.ts';
import type { Model } from './use-models.ts';

/** What models there are: what they take, and what is in memory. A server decides itself what it loads. */
export function InstalledModels({ models }: { models: readonly Model[] }) {
  if (models.length === 0) return <p className="text-ink-soft text-sm">None yet: get one below.</p>;
  return (
    <ul className="divide-y divide-line">
      {models.map((model) => (
        <InstalledModel key={model.name} model={model} />
      ))}
    </ul>
  );
}

function InstalledModel({ model }: { model: Model }) {
  const { name, isDefault, loaded, problem, notice, contextLength, memoryEstimateBytes, threads } = model;
  const [loading, load] = useMutation(LoadModel);
  const [unloading, unload] = useMutation(UnloadModel);
  const isBusy = loading.fetching || unloading.fetching;
  const facts = [
    modelFacts(model),
    contextLength != null && `${contextLength.toLocaleString()} tokens of context`,
    memoryEstimateBytes != null && `takes about ${bytesText(memoryEstimateBytes)} of memory`,
    threads != null && `${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  ].filter(Boolean);

  async function toggle() {
    const { error } = await (loaded ? unload({ name }) : load({ name }));
    if (error) showNotice(problemOf(error).message);
  }

  return (
    <li className="flex items-start gap-3 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-medium text-sm [overflow-wrap:anywhere]">{name}</span>
          {isDefault && <span className="text-accent text-xs">default</span>}
          {loaded && <span className="text-accent text-xs">in memory</span>}
        </p>
        <p className="text-ink-soft text-xs">{facts.join(', ')}</p>
        {problem && (
          <p className="mt-1 flex gap-1.5 text-danger text-sm [overflow-wrap:anywhere]">
            <CircleAlert size={15} aria-hidden className="mt-0.5 shrink-0" />
            {problem}
          </p>
        )}
        {notice && !problem && (
          <p className="mt-1 flex gap-1.5 text-sm text-warn">
            <TriangleAlert size={15} aria-hidden className="mt-0.5 shrink-0" />
            {notice}
          </p>
        )}
      </div>
      {!problem && !isElsewhere(model) && (
        <Button
          disabled={isBusy}
          onClick={toggle}
          aria-label={`${loaded ? 'Unload' : 'Load'} ${name}`}
          className="h-8 shrink-0 px-3"
        >
          {isBusy ? 'Wait…' : loaded ? 'Unload' : 'Load'}
        </Button>
      )}
    </li>
  );
}
