import { useState } from 'react';
import { recall, remember } from './local-storage.ts';

export type Theme = 'system' | 'light' | 'dark';

/** The chosen theme; `public/theme.js` applies it before the first paint of later visits. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const chosen = recall('theme');
    return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
  });
  return [
    theme,
    (next) => {
      remember('theme', next === 'system' ? null : next);
      if (next === 'system') delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      setTheme(next);
    },
  ];
}
