import { createRootRoute, createRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { Provider } from 'urql';
import type { PortalClient } from './client/client.ts';
import { PortalProvider } from './client/portal.ts';
import { ChatPage } from './pages/chat-page.tsx';
import { NewChatPage } from './pages/new-chat-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { OperatorPage } from './pages/operator-page.tsx';
import { Shell } from './pages/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
const newChat = createRoute({ getParentRoute: () => root, path: '/', component: NewChatPage });
const chat = createRoute({
  getParentRoute: () => root,
  path: '/c/$id',
  component: ChatPage,
  validateSearch: ({ m }): { m?: string } => (typeof m === 'string' ? { m } : {}),
});
const operator = createRoute({ getParentRoute: () => root, path: '/operator', component: OperatorPage });
const router = createRouter({ routeTree: root.addChildren([newChat, chat, operator]) });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    /** Makes going to an address, where the page is already, a visit of its own. */
    visit?: string;
  }
}

export function App({ client }: { client: PortalClient }) {
  return (
    <Provider value={client.urql}>
      <PortalProvider value={client}>
        <RouterProvider router={router} />
      </PortalProvider>
    </Provider>
  );
}
