import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createPortalClient } from './client/client.ts';
import './styles.css';

const place = document.getElementById('root');
if (place === null) throw new Error('the page has no #root');

createRoot(place).render(
  <StrictMode>
    <App client={createPortalClient()} />
  </StrictMode>,
);
