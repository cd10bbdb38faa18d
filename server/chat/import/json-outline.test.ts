import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonOutline, JsonSyntaxError, maxDepth, type OutlineEvent } from './json-outline.ts';

/** Reads in pieces cut at these places; enters lists and objects as deep as told. */
function outlineOf(bytes: Buffer, { levels = 1, most = 1e6, cuts = [] as number[] } = {}): OutlineEvent[] {
  const outline = createJsonOutline({ enters: (path) => path.length < levels, maxBytes: () => most });
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const events = places.slice(1).flatMap((end, index) => outline.write(bytes.subarray(places[index], end)));
  return [...events, ...outline.end()];
}

const text = (value: string) => Buffer.from(value);

describe('the outline of a JSON text', () => {
  it('tells each value below the containers that are entered, and where it stands', () => {
    const source = text(' {"a": [1, {"b": "x]}"}], "c" : null }');
    const events = outlineOf(source, { levels: 2 });
    expect(events).toEqual([
      { type: 'open', path: [] },
      { type: 'open', path: ['a'] },
      { type: 'value', path: ['a', 0], value: 1, start: 8, length: 1 },
      { type: 'value', path: ['a', 1], value: { b: 'x]}' }, start: 11, length: 12 },
      { type: 'close', path: ['a'] },
      { type: 'value', path: ['c'], value: null, start: 32, length: 4 },
      { type: 'close', path: [] },
    ]);
  });

  it('reads what JSON.parse reads, however the text is cut', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.nat(3),
        fc.boolean(),
        (json, cuts, levels, mark) => {
          const bytes = Buffer.concat([text(mark ? '\uFEFF' : ''), text(json)]);
          const whole = outlineOf(bytes, { levels });
          expect(outlineOf(bytes, { levels, cuts })).toEqual(whole);
          for (const event of whole) {
            if (event.type !== 'value') continue;
            const slice = bytes.subarray(event.start, event.start + event.length).toString();
            expect(event.value).toEqual(JSON.parse(slice));
            expect(event.value).toEqual(event.path.reduce<unknown>((at, key) => (at as never)[key], JSON.parse(json)));
          }
          if (levels === 0) expect(whole).toMatchObject([{ type: 'value', path: [], value: JSON.parse(json) }]);
        },
      ),
    );
  });

  it('refuses exactly what JSON.parse refuses', () => {
    const noise = fc.stringMatching(/^[[\]{}:,"\\0-9eE.\-+ntrufalse ]{0,24}$/);
    const damaged = fc.tuple(fc.json(), fc.nat(), noise).map(([json, at, insert]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + insert + json.slice(place + 1);
    });
    fc.assert(
      fc.property(fc.oneof(noise, damaged), fc.nat(3), (source, levels) => {
        let expected: unknown = null;
        try {
          JSON.parse(source);
        } catch (error) {
          expected = error;
        }
        if (expected === null) outlineOf(text(source), { levels });
        else expect(() => outlineOf(text(source), { levels })).toThrow(JsonSyntaxError);
      }),
      { numRuns: 2000 },
    );
  });

  it('says where the text stops being JSON', () => {
    expect(() => outlineOf(text('[1, 2'))).toThrow('the text ends too early, at byte 5');
    expect(() => outlineOf(text('[1, x]'))).toThrow('what stands there is not JSON, at byte 4');
    expect(() => outlineOf(text('{"a" 1}'))).toThrow('"1" where colon is expected at byte 5');
    expect(() => outlineOf(text(''))).toThrow('the text ends too early, at byte 0');
  });

  it('passes over what is too large or too deep, and goes on behind it', () => {
    const deep = '['.repeat(maxDepth + 1) + ']'.repeat(maxDepth + 1);
    const bottomless = '['.repeat(100_000) + ']'.repeat(100_000);
    const source = text(`["${'x'.repeat(2000)}", ${deep}, "fine", ${bottomless}]`);
    expect(outlineOf(source, { most: 1000 }).slice(1, -1)).toEqual([
      { type: 'unread', path: [0], because: 'too large' },
      { type: 'unread', path: [1], because: 'too deep' },
      expect.objectContaining({ type: 'value', path: [2], value: 'fine' }),
      { type: 'unread', path: [3], because: 'too deep' },
    ]);
  });

  it('takes names of the language for names', () => {
    const [, , value] = outlineOf(text('{"__proto__": {"polluted": 1}, "constructor": 2}'), { levels: 2 });
    expect(value).toMatchObject({ path: ['__proto__', 'polluted'], value: 1 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
