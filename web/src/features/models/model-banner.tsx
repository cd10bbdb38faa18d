import { CircleAlert, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Banner } from '../../components/banner.tsx';
import { recall, remember } from '../../lib/local-storage.ts';
import { useModels } from './use-models.ts';

/** Says what is wrong with the model that answers, if anything is, and how to get a better one. */
export function ModelBanner({ onGet }: { onGet: () => void }) {
  const { models, usual } = useModels();
  const [dismissed, setDismissed] = useState(() => recall('model-notice'));

  if (models === undefined || usual === undefined) return null;
  if (usual === null) {
    const broken = models.filter(({ problem }) => problem);
    return (
      <Banner icon={CircleAlert} tone="danger">
        <p>
          <strong className="font-semibold">No model can answer yet.</strong>{' '}
          <button type="button" onClick={onGet} className="rounded underline underline-offset-3">
            Get one
          </button>
          , or put a GGUF file, for example Qwen2.5-1.5B-Instruct Q4_K_M, into the folder{' '}
          <code className="font-mono">models/</code>.
        </p>
        {broken.map(({ name, problem }) => (
          <p key={name} className="mt-1">
            {name}: {problem}
          </p>
        ))}
      </Banner>
    );
  }
  if (!usual.notice || dismissed === usual.name) return null;
  return (
    <Banner
      icon={TriangleAlert}
      tone="warn"
      onDismiss={() => {
        remember('model-notice', usual.name);
        setDismissed(usual.name);
      }}
    >
      {usual.notice}{' '}
      <button type="button" onClick={onGet} className="rounded underline underline-offset-3">
        Get a model
      </button>
    </Banner>
  );
}
