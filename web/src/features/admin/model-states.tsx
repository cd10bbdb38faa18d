import { useEffect } from 'react';
import { useQuery } from 'urql';
import { bytesText } from '../../lib/bytes.ts';
import { problemOf } from '../../lib/errors.ts';
import { ModelStates as Document } from './documents.ts';

const everyMs = 5_000;

/** Which models there are, where they run, and which are in memory. */
export function ModelStates() {
  const [{ data, error }, ask] = useQuery({ query: Document, requestPolicy: 'cache-and-network' });
  useEffect(() => {
    const timer = setInterval(() => ask({ requestPolicy: 'network-only' }), everyMs);
    return () => clearInterval(timer);
  }, [ask]);
  const models = data?.models ?? [];
  if (data === undefined)
    return (
      error && <p className="text-sm text-warn">Which models there are is not known: {problemOf(error).message}</p>
    );

  if (models.length === 0) return <p className="text-sm text-warn">No model can answer yet.</p>;
  return (
    <ul aria-label="Models" className="divide-y divide-line rounded-xl border border-line bg-surface px-4 py-1">
      {models.map(({ name, provider, isDefault, loaded, memoryEstimateBytes, problem }) => (
        <li key={name} className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-0.5 py-2 text-sm">
          <span className="min-w-0">
            <span className="[overflow-wrap:anywhere]">{name}</span>
            {isDefault && <span className="ml-2 whitespace-nowrap text-accent text-xs">default</span>}
            <span className="block text-ink-soft text-xs">
              {provider}
              {memoryEstimateBytes != null && `, takes about ${bytesText(memoryEstimateBytes)} of memory`}
            </span>
          </span>
          <span className={problem ? 'text-danger' : loaded ? 'text-accent' : 'text-ink-soft'}>
            {problem ?? (loaded ? 'in memory' : 'loads when it is asked')}
          </span>
        </li>
      ))}
    </ul>
  );
}
