import { useEffect } from 'react';
import { useQuery } from 'urql';
import { bytesText } from '../../lib/bytes.ts';
import { cn } from '../../lib/class-names.ts';
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

  return (
    <div className="overflow-x-auto rounded-xl border border-line bg-surface px-4 py-2">
      <table className="w-full text-sm">
        <caption className="sr-only">Models</caption>
        <thead>
          <tr className="text-ink-soft text-xs">
            <Head>Model</Head>
            <Head>Runs in</Head>
            <Head>State</Head>
            <Head isNumber>Memory, about</Head>
          </tr>
        </thead>
        <tbody>
          {models.map(({ name, provider, isDefault, loaded, memoryEstimateBytes, problem }) => (
            <tr key={name} className="border-line border-t align-top">
              <th scope="row" className="max-w-72 py-1.5 pr-3 text-left font-normal [overflow-wrap:anywhere]">
                {name}
                {isDefault && <span className="ml-2 text-accent text-xs">default</span>}
              </th>
              <td className="py-1.5 pr-3 text-ink-soft">{provider}</td>
              <td className={cn('py-1.5 pr-3', problem ? 'text-danger' : loaded ? 'text-accent' : 'text-ink-soft')}>
                {problem ?? (loaded ? 'in memory' : 'loads when it is asked')}
              </td>
              <td className="py-1.5 text-right tabular-nums">
                {memoryEstimateBytes == null ? '–' : bytesText(memoryEstimateBytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {models.length === 0 && <p className="py-2 text-sm text-warn">No model can answer yet.</p>}
    </div>
  );
}

function Head({ children, isNumber = false }: { children: string; isNumber?: boolean }) {
  return (
    <th scope="col" className={cn('whitespace-nowrap py-1 font-normal', isNumber ? 'text-right' : 'pr-3 text-left')}>
      {children}
    </th>
  );
}
