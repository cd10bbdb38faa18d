import { describe, expect, it } from 'vitest';
import { createSpeed } from './speed.ts';

describe('the speed of a download', () => {
  let now = 0;
  const at = (ms: number) => {
    now = ms;
  };

  it('is that of the last five seconds', () => {
    const speed = createSpeed(() => now);
    at(0);
    expect(speed.perSecond()).toBe(0);
    speed.note(0);
    expect(speed.perSecond()).toBe(0);
    for (let ms = 100; ms <= 10_000; ms += 100) {
      at(ms);
      speed.note(ms <= 5_000 ? ms : 5_000 + (ms - 5_000) * 3);
    }
    expect(speed.perSecond()).toBe(3_000);
  });

  it('falls to nothing while nothing comes, and begins anew with the file', () => {
    const speed = createSpeed(() => now);
    at(0);
    speed.note(0);
    at(1_000);
    speed.note(8_000);
    expect(speed.perSecond()).toBe(8_000);
    at(4_000);
    expect(speed.perSecond()).toBe(2_000);
    at(6_500);
    expect(speed.perSecond()).toBe(0);
    speed.note(0);
    at(7_500);
    speed.note(500);
    expect(speed.perSecond()).toBe(500);
  });
});
