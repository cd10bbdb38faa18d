import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInValues, builtInVariables, fillTemplate, variablesOf } from './template-text.ts';

const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,20}$/);

describe('variables of a template', () => {
  it.each([
    ['Teach {{subject}} to {{ audience }}.', ['subject', 'audience']],
    ['{{a}} {{b}} {{a}}', ['a', 'b']],
    ['{{Sprache}} {{größe}} {{主题}} {{first_name}} {{x-1}}', ['Sprache', 'größe', '主题', 'first_name', 'x-1']],
    ['{a} {{}} {{ }} {{a b}} {{1a}} {{#if a}} {{a.b}} {{a\n}} {{{a', []],
    ['{{{a}}}', ['a']],
    [`{{${'a'.repeat(64)}}} {{${'b'.repeat(65)}}}`, ['a'.repeat(64)]],
  ])('%s', (text, expected) => {
    expect(variablesOf(text)).toEqual(expected);
  });

  it('are filled where a value is given and stay where none is', () => {
    expect(fillTemplate('{{a}}, {{ b }}, {{c}}', new Map(Object.entries({ a: '1', b: '' })))).toBe('1, , {{c}}');
  });

  it('that stand in a value are not filled: what a person types is text', () => {
    fc.assert(
      fc.property(fc.string(), name, name, fc.string(), (before, first, second, value) => {
        const holder = `{{${second}}}${value}`;
        const filled = fillTemplate(`${before.replaceAll('{', '')}{{${first}}}`, new Map([[first, holder]]));
        expect(filled).toBe(before.replaceAll('{', '') + holder);
      }),
    );
  });

  it('that are filled leave those without a value, for any text', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            name.map((given) => `{{${given}}}`),
          ),
        ),
        (pieces) => {
          const text = pieces.join('');
          const names = variablesOf(text);
          expect(fillTemplate(text, new Map())).toBe(text);
          const values = new Map(names.map((given) => [given, '.']));
          expect(variablesOf(fillTemplate(text, values)).filter((left) => names.includes(left))).toEqual([]);
        },
      ),
    );
  });

  it('are found in a text of only braces in time that grows with its length', () => {
    const start = performance.now();
    for (const unit of ['{', '{{', '{{ ', '{{a', '{{a '.padEnd(60, ' ')]) {
      expect(variablesOf(unit.repeat(32_000 / unit.length))).toEqual([]);
    }
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('built-in values', () => {
  it('say the date, the time and the person', () => {
    const values = builtInValues({ name: 'Ada' }, new Date(2026, 0, 5, 9, 7));
    expect(Object.keys(values)).toEqual([...builtInVariables]);
    expect(values).toMatchObject({
      CURRENT_DATE: '2026-01-05',
      CURRENT_TIME: '09:07',
      CURRENT_DATETIME: '2026-01-05 09:07',
      CURRENT_WEEKDAY: 'Monday',
      USER_NAME: 'Ada',
    });
  });

  it('call a person without a name the user', () => {
    expect(builtInValues({ name: null }, new Date()).USER_NAME).toBe('the user');
    expect(builtInValues({ name: ' ' }, new Date()).USER_NAME).toBe('the user');
  });
});
