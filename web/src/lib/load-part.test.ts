import { describe, expect, it, vi } from 'vitest';
import { loadPart } from './load-part.ts';

const gone = new TypeError('Failed to fetch dynamically imported module');

function surroundings({ reached, reloads = true }: { reached: boolean[]; reloads?: boolean }) {
  const pauses: number[] = [];
  return {
    pauses,
    reload: vi.fn(() => reloads),
    isReached: async () => reached.shift() ?? true,
    pause: async (ms: number) => void pauses.push(ms),
  };
}

describe('a part of the app', () => {
  it('is loaded', async () => {
    const around = surroundings({ reached: [] });
    expect(await loadPart(async () => 'part', around)).toBe('part');
    expect(around.reload).not.toHaveBeenCalled();
  });

  it('is waited for while the portal is away', async () => {
    const around = surroundings({ reached: [false, false] });
    let attempts = 0;
    const load = async () => {
      if (++attempts < 3) throw gone;
      return 'part';
    };
    expect(await loadPart(load, around)).toBe('part');
    expect(around.pauses).toEqual([2_000, 2_000]);
    expect(around.reload).not.toHaveBeenCalled();
  });

  it('has the page loaded anew where the portal is there and it is not, and says nothing more', async () => {
    const around = surroundings({ reached: [true] });
    const settled = vi.fn();
    void loadPart(() => Promise.reject(gone), around).then(settled, settled);
    await vi.waitFor(() => expect(around.reload).toHaveBeenCalledOnce());
    expect(settled).not.toHaveBeenCalled();
  });

  it('fails where the page was loaded anew already', async () => {
    const around = surroundings({ reached: [true], reloads: false });
    await expect(loadPart(() => Promise.reject(gone), around)).rejects.toBe(gone);
  });
});
