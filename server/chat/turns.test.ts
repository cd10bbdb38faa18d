import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

const never = new AbortController().signal;

it('users take turns, however many wait of one', async () => {
  const turns = createTurns({ places: 1, mostWaiting: 10 });
  const order: string[] = [];
  const first = await turns.take('ann', never);
  const all = ['ann', 'ann', 'ann', 'bob', 'ann', 'cy'].map(async (user) => {
    const leave = await turns.take(user, never);
    order.push(user);
    leave();
  });
  first();
  await Promise.all(all);
  expect(order).toEqual(['ann', 'bob', 'cy', 'ann', 'ann', 'ann']);
});

it('no more than the places are taken, and a place is left once', async () => {
  const turns = createTurns({ places: 2, mostWaiting: 10 });
  const [one] = [await turns.take('a', never), await turns.take('a', never)];
  let entered = 0;
  const waiting = [1, 2].map(() => turns.take('b', never).then(() => entered++));
  one?.();
  one?.();
  await waiting[0];
  expect(entered).toBe(1);
});

it('who gives up takes no place and leaves no gap', async () => {
  const turns = createTurns({ places: 1, mostWaiting: 2 });
  const leave = await turns.take('a', never);
  const leaving = new AbortController();
  const gone = turns.take('a', leaving.signal);
  const stays = turns.take('a', never);
  await expect(turns.take('b', never)).rejects.toMatchObject({ code: 'overloaded' });
  leaving.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  leave();
  (await stays)();
  (await turns.take('b', never))();
});

it('who wants nobody beside it waits for those who are there, and holds off those who come', async () => {
  const turns = createTurns({ places: 2, mostWaiting: 10 });
  const leave = await turns.take('a', never);
  const events: string[] = [];
  const cleared = turns.clear(never).then((end) => {
    events.push('alone');
    return end;
  });
  const next = [1, 2].map(() => turns.take('b', never).then(() => events.push('next')));
  leave();
  const end = await cleared;
  expect(events).toEqual(['alone']);
  end();
  await Promise.all(next);
  expect(events).toEqual(['alone', 'next', 'next']);
});

it('who gives up being alone holds nobody off', async () => {
  const turns = createTurns({ places: 1, mostWaiting: 10 });
  const leave = await turns.take('a', never);
  const leaving = new AbortController();
  const cleared = turns.clear(leaving.signal);
  const next = turns.take('b', never);
  leaving.abort(new Error('gone'));
  await expect(cleared).rejects.toThrow('gone');
  leave();
  await next;
});
