import type { ExecutionResult, SubscriptionOperation } from '@urql/core';
import { describe, expect, it } from 'vitest';
import { createStore } from '../lib/store.ts';
import type { Carrier, CarrierSink } from './carrier.ts';
import { type Connection, createLiveTransport, type Restart } from './live-transport.ts';

interface Start extends CarrierSink {
  carrier: string;
  request: SubscriptionOperation;
  closed: boolean;
}

/** A transport whose carriers only note what is asked of them; pauses end when the test says so. */
function createScene() {
  const starts: Start[] = [];
  const pauses: (() => void)[] = [];
  const probes: ((works: boolean) => void)[] = [];
  const connection = createStore<Connection>('connecting');
  const note =
    (carrier: string): Carrier =>
    (request, sink) => {
      const start = { ...sink, carrier, request, closed: false };
      starts.push(start);
      return () => {
        start.closed = true;
      };
    };
  const transport = createLiveTransport({
    carriers: { socket: note('socket'), events: note('events') },
    probeSocket: () => new Promise((resolve) => probes.push(resolve)),
    connection,
    pause: (_ms, signal) =>
      new Promise((resolve) => {
        pauses.push(resolve);
        signal.addEventListener('abort', () => resolve());
      }),
  });
  const results: ExecutionResult[] = [];
  let completed = false;
  const follow = (restart: Restart = {}) =>
    transport.subscribe(
      { query: 'subscription', operationName: undefined, variables: { after: 0 }, extensions: undefined },
      restart,
      {
        next: (result) => results.push(result),
        complete: () => {
          completed = true;
        },
      },
    );
  /** Ends the pauses under way, and lets what waited for them run. */
  const passTime = async () => {
    for (const resume of pauses.splice(0)) resume();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const last = () => {
    const start = starts.at(-1);
    if (start === undefined) throw new Error('nothing was started');
    return start;
  };
  return { starts, probes, connection, results, follow, passTime, last, isCompleted: () => completed };
}

const seen = (seq: number) => ({ data: { replyEvents: { seq } } });
const goOn: Restart = {
  variablesAfter: (variables, { data }) => ({ ...variables, after: data?.replyEvents.seq }),
};

describe('the live transport', () => {
  it('goes on after the last seen event when the socket breaks', async () => {
    const scene = createScene();
    scene.follow(goOn);
    scene.last().opened();
    scene.last().next(seen(7));
    scene.last().lost();
    expect(scene.connection.get()).toBe('lost');
    await scene.passTime();
    expect(scene.last()).toMatchObject({ carrier: 'socket', request: { variables: { after: 7 } } });
    scene.last().opened();
    expect(scene.connection.get()).toBe('live');
  });

  it('falls back to server-sent events by itself, with the same cursor', async () => {
    const scene = createScene();
    scene.follow(goOn);
    scene.last().opened();
    scene.last().next(seen(3));
    scene.last().lost();
    await scene.passTime();
    scene.last().lost();
    await scene.passTime();
    expect(scene.last()).toMatchObject({ carrier: 'events', request: { variables: { after: 3 } } });
  });

  it('moves back to the socket once one can be had', async () => {
    const scene = createScene();
    let restarted = 0;
    scene.follow({ ...goOn, onRestarted: () => restarted++ });
    scene.last().lost();
    await scene.passTime();
    scene.last().opened();
    scene.last().next(seen(5));
    const events = scene.last();
    await scene.passTime();
    scene.probes.shift()?.(false);
    await scene.passTime();
    await scene.passTime();
    expect(events.closed).toBe(false);
    scene.probes.shift()?.(true);
    await scene.passTime();
    expect(events.closed).toBe(true);
    expect(scene.last()).toMatchObject({ carrier: 'socket', request: { variables: { after: 5 } } });
    scene.last().opened();
    // Also the first that opened came late: what was asked before it may have failed.
    expect(restarted).toBe(2);
  });

  it('turns once for all subscriptions that lose the same socket', async () => {
    const scene = createScene();
    scene.follow();
    scene.follow();
    for (const start of [...scene.starts]) start.lost();
    await scene.passTime();
    expect(scene.starts.map(({ carrier }) => carrier)).toEqual(['socket', 'socket', 'events', 'events']);
  });

  it('does not ask again for what was refused', async () => {
    const scene = createScene();
    scene.follow();
    scene.last().opened();
    scene.last().refused([{ message: 'no' }]);
    await scene.passTime();
    expect(scene.starts).toHaveLength(1);
    expect(scene.results).toEqual([{ errors: [{ message: 'no' }] }]);
    expect(scene.isCompleted()).toBe(true);
  });

  it('is silent after its end', async () => {
    const scene = createScene();
    const end = scene.follow();
    scene.last().opened();
    end();
    expect(scene.last().closed).toBe(true);
    scene.last().next(seen(1));
    scene.last().lost();
    await scene.passTime();
    expect(scene.results).toEqual([]);
    expect(scene.starts).toHaveLength(1);
  });
});
