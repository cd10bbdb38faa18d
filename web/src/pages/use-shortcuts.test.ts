import { describe, expect, it, vi } from 'vitest';

vi.stubGlobal('navigator', { platform: 'Linux x86_64' });
const { actionOf } = await import('./use-shortcuts.ts');

const press = (keys: string) => {
  const parts = keys.split('+');
  return actionOf({
    key: parts.at(-1) ?? '',
    ctrlKey: parts.includes('Ctrl'),
    metaKey: parts.includes('Cmd'),
    shiftKey: parts.includes('Shift'),
    altKey: parts.includes('Alt'),
  });
};

describe('shortcuts', () => {
  it.each([
    ['Ctrl+Shift+O', 'newChat'],
    ['Cmd+Shift+o', 'newChat'],
    ['Ctrl+k', 'search'],
    ['Cmd+K', 'search'],
    ['Ctrl+b', 'sidebar'],
    ['Ctrl+/', 'shortcuts'],
    ['Shift+Escape', 'focusInput'],
  ])('%s: %s', (keys, action) => {
    expect(press(keys)).toBe(action);
  });

  it.each(['k', 'Shift+K', 'Escape', 'Ctrl+Shift+K', 'Ctrl+Alt+k', 'Ctrl+c', '/'])(
    'leaves %s to the browser',
    (keys) => {
      expect(press(keys)).toBeNull();
    },
  );
});
