import { setImmediate as settle } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAdmission, type Place } from './admission.ts';
import { EngineError, type LoadedModel, type ModelFile } from './engine.ts';

const a: ModelFile = { name: 'a', path: '/a' };
const b: ModelFile = { name: 'b', path: '/b' };

function start(sequences = 1) {
  const swaps: (string | null)[] = [];
  const stirs: string[] = [];
  const admission = createAdmission({
    onQuiet: () => stirs.push('quiet'),
    onStir: () => stirs.push('stir'),
    async swap(model): Promise<LoadedModel | null> {
      swaps.push(model?.name ?? null);
      if (model?.name === 'broken') throw new EngineError('cannot_load', 'It is broken.');
      return model === null ? null : { name: model.name, contextLength: 1, sequences, threads: 1 };
    },
  });
  const order: string[] = [];
  const enter = (model: ModelFile, name: string, kind: 'reply' | 'question' = 'reply', signal?: AbortSignal) =>
    admission.enter(model, kind, signal).then((place): Place => {
      order.push(name);
      return place;
    });
  return { admission, swaps, stirs, order, enter };
}

describe('createAdmission', () => {
  it('lets replies in in order of arrival, as many as there are sequences', async () => {
    const { order, enter, swaps } = start(2);
    const [first] = [await enter(a, '1'), enter(a, '2'), enter(a, '3'), enter(a, '4')];
    await settle();
    expect(order).toEqual(['1', '2']);
    first.leave();
    await settle();
    expect(order).toEqual(['1', '2', '3']);
    expect(swaps).toEqual(['a']);
  });

  it('answers questions about the loaded model past waiting replies', async () => {
    const { order, enter } = start(1);
    await enter(a, 'reply');
    void enter(a, 'waiting reply');
    await enter(a, 'question', 'question');
    expect(order).toEqual(['reply', 'question']);
  });

  it('swaps models only when everyone has left, and newcomers do not starve the swap', async () => {
    const { order, enter, swaps } = start(4);
    const first = await enter(a, 'a1');
    const other = enter(b, 'b');
    void enter(a, 'a2');
    await settle();
    expect(order).toEqual(['a1']);
    expect(swaps).toEqual(['a']);
    first.leave();
    (await other).leave();
    await settle();
    expect(order).toEqual(['a1', 'b', 'a2']);
    expect(swaps).toEqual(['a', 'b', 'a']);
  });

  it('lets go of one who stops waiting', async () => {
    const { enter, order } = start(1);
    const first = await enter(a, '1');
    const stop = new AbortController();
    const second = enter(a, '2', 'reply', stop.signal);
    const third = enter(a, '3');
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    first.leave();
    first.leave();
    await third;
    expect(order).toEqual(['1', '3']);
  });

  it('tells all who wait for a model that cannot be loaded, once, and goes on with the others', async () => {
    const { enter, swaps } = start(1);
    const broken = { name: 'broken', path: '/broken' };
    const refused = Promise.allSettled([enter(broken, '1'), enter(broken, '2')]);
    const fine = enter(a, '3');
    expect((await refused).map((result) => result.status)).toEqual(['rejected', 'rejected']);
    await fine;
    expect(swaps).toEqual(['broken', 'a']);
  });

  it('empties after those before have left', async () => {
    const { admission, enter, swaps } = start(1);
    const place = await enter(a, '1');
    const emptied = admission.empty();
    place.leave();
    await emptied;
    expect(swaps).toEqual(['a', null]);
  });

  it('stays as it is where whoever wants it empty gives up first', async () => {
    const { admission, enter, swaps } = start(1);
    const place = await enter(a, '1');
    const stop = new AbortController();
    const emptied = admission.empty(stop.signal);
    stop.abort(new Error('enough'));
    await expect(emptied).rejects.toThrow('enough');
    place.leave();
    await enter(a, '2');
    expect(swaps).toEqual(['a']);
  });

  it('starts anew after a reset: places of before count no more', async () => {
    const { admission, enter, swaps } = start(1);
    const place = await enter(a, '1');
    const waiting = enter(a, '2');
    admission.reset(() => new EngineError('crashed', 'It crashed.'));
    await expect(waiting).rejects.toThrow('It crashed.');
    await enter(a, '3');
    place.leave();
    expect(swaps).toEqual(['a', 'a']);
  });

  it('tells when nobody is there any more, and when somebody comes', async () => {
    const { enter, stirs } = start(1);
    const first = await enter(a, '1');
    void enter(a, '2').then((place) => place.leave());
    expect(stirs).toEqual(['stir', 'stir']);
    first.leave();
    await settle();
    expect(stirs).toEqual(['stir', 'stir', 'quiet']);
    await enter(a, '3');
    expect(stirs.at(-1)).toBe('stir');
  });
});
