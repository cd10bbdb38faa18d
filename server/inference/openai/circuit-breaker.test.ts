import { describe, expect, it, onTestFinished } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';

const never = new AbortController().signal;

/** A breaker that probes every 5 ms, and what it has said of itself. */
function create() {
  const states: string[] = [];
  let well = false;
  const breaker = createCircuitBreaker({
    mostFailures: 3,
    firstPauseMs: 5,
    longestPauseMs: 20,
    probe: async () => {
      if (!well) throw new Error('still ill');
    },
    onChange: (state) => states.push(state),
  });
  onTestFinished(() => breaker.stop());
  return {
    breaker,
    states,
    recover: () => {
      well = true;
    },
  };
}

describe('a circuit breaker', () => {
  it('opens after failures in a row, not after as many with a success between', async () => {
    const { breaker, states } = create();
    for (const outcome of ['failed', 'failed', 'succeeded', 'failed', 'failed'] as const) {
      (await breaker.pass(never))[outcome]('ill');
    }
    (await breaker.pass(never)).left();
    expect([breaker.state(), breaker.problem()]).toEqual(['closed', null]);
    (await breaker.pass(never)).failed('ill at last');
    expect([breaker.state(), breaker.problem()]).toEqual(['open', 'ill at last']);
    await expect(breaker.pass(never)).rejects.toMatchObject({ code: 'unavailable', message: 'ill at last' });
    expect(states).toEqual(['open']);
  });

  it('says what the last probe said, and lets one through after one that went well, the others after that one', async () => {
    const { breaker, states, recover } = create();
    for (let times = 0; times < 3; times++) breaker.failed('ill');
    await expect.poll(() => breaker.problem()).toBe('still ill');
    recover();
    await expect.poll(() => breaker.state()).toBe('half-open');
    const first = await breaker.pass(never);
    let passed = 0;
    const others = [1, 2].map(() => breaker.pass(never).then(() => passed++));
    await expect.poll(() => breaker.state()).toBe('half-open');
    expect(passed).toBe(0);
    first.succeeded();
    await Promise.all(others);
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });

  it('opens again where that one fails, and passes its place on where it is given up', async () => {
    const { breaker, states, recover } = create();
    for (let times = 0; times < 3; times++) breaker.failed('ill');
    recover();
    await expect.poll(() => breaker.state()).toBe('half-open');
    const first = await breaker.pass(never);
    const second = breaker.pass(never);
    first.left();
    const passage = await second;
    const refused = expect(breaker.pass(never)).rejects.toMatchObject({ message: 'ill again' });
    passage.failed('ill again');
    await refused;
    expect(states).toEqual(['open', 'half-open', 'open']);
    await expect.poll(() => breaker.state()).toBe('half-open');
  });

  it('lets nobody wait longer than their signal', async () => {
    const { breaker, recover } = create();
    for (let times = 0; times < 3; times++) breaker.failed('ill');
    recover();
    await expect.poll(() => breaker.state()).toBe('half-open');
    await breaker.pass(never);
    const leave = new AbortController();
    const waiting = breaker.pass(leave.signal);
    const reason = new Error('enough');
    leave.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
