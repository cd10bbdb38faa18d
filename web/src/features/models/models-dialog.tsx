import { Dialog } from '../../components/dialog.tsx';
import { problemOf } from '../../lib/errors.ts';
import { CatalogueList } from './catalogue.tsx';
import { InstalledModels } from './installed-models.tsx';
import { isElsewhere } from './model-facts.ts';
import { useModels } from './use-models.ts';

/** The models of this machine, those of servers, and those that could be here. */
export default function ModelsDialog({ onClose }: { onClose: () => void }) {
  const { models, error } = useModels();
  return (
    <Dialog title="Models" onClose={onClose} className="max-h-[85dvh] max-w-xl">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable pane is scrolled by keyboard too. */}
      <div tabIndex={0} className="-mx-2 mt-2 min-h-0 overflow-y-auto px-2 outline-offset-[-2px]">
        <section aria-labelledby="models-here">
          <h2 id="models-here" className="pt-1 font-medium text-ink-soft text-xs">
            On this machine
          </h2>
          {models === undefined && (
            <p className="text-ink-soft text-sm">{error ? problemOf(error).message : 'Loading…'}</p>
          )}
          {models && <InstalledModels models={models.filter((model) => !isElsewhere(model))} />}
        </section>
        {models?.some(isElsewhere) && (
          <section aria-labelledby="models-on-servers" className="mt-4">
            <h2 id="models-on-servers" className="pt-1 font-medium text-ink-soft text-xs">
              On servers
            </h2>
            <InstalledModels models={models.filter(isElsewhere)} />
          </section>
        )}
        <section aria-labelledby="models-elsewhere" className="mt-4">
          <h2 id="models-elsewhere" className="font-medium text-ink-soft text-xs">
            To get from Hugging Face
          </h2>
          <CatalogueList />
        </section>
      </div>
    </Dialog>
  );
}
