import { LockKeyhole } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useViewer } from '../client/use-viewer.ts';
import { StatePage } from '../components/state-page.tsx';
import { loadPart } from '../lib/load-part.ts';
import { useTitle } from './chat-page.tsx';
import { PageHeader } from './page-header.tsx';

const OperatorPanels = lazy(() => loadPart(() => import('../features/admin/operator-panels.tsx')));

export const operatorTitle = 'Operator’s page';

/** How the portal is doing, for those who run it. The server refuses everybody else; here they are told. */
export function OperatorPage() {
  const viewer = useViewer();
  useTitle(operatorTitle);
  return (
    <>
      <PageHeader title={<h1 className="truncate font-semibold">{operatorTitle}</h1>} />
      {viewer?.role === 'USER' && (
        <StatePage icon={LockKeyhole} title="This page is for administrators">
          It tells how the portal is doing, over everybody’s conversations.
        </StatePage>
      )}
      {/* Where nobody can say who asks, something is wrong, and this is the page that tells what: the server refuses whoever may not see it. */}
      {(viewer === null || viewer?.role === 'ADMIN') && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable pane is scrolled by keyboard too.
        <div tabIndex={0} className="relative min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]">
          <Suspense>
            <OperatorPanels />
          </Suspense>
        </div>
      )}
    </>
  );
}
