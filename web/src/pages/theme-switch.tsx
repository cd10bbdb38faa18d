import { Monitor, Moon, Sun } from 'lucide-react';
import { IconButton } from '../components/icon-button.tsx';
import { type Theme, useTheme } from '../lib/theme.ts';

const next = { system: 'light', light: 'dark', dark: 'system' } as const satisfies Record<Theme, Theme>;
const icons = { system: Monitor, light: Sun, dark: Moon } as const;

/** Goes round the themes. */
export function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  return (
    <IconButton
      icon={icons[theme]}
      label={`Theme: ${theme}`}
      tipSide="none"
      title={`Theme: ${theme}`}
      onClick={() => setTheme(next[theme])}
    />
  );
}
