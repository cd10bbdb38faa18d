import { describe, expect, it } from 'vitest';
import { builtInTemplates, templateCategories } from './built-in-templates.ts';
import { limits } from './input.ts';
import { templateLimits } from './prompt-templates.ts';
import { builtInVariables, variablesOf } from './template-text.ts';

describe('the built-in templates', () => {
  it('are those that the contract names, and some more', () => {
    const named = [
      'Default Assistant',
      'Coding Assistant',
      'Creative Writer',
      'Technical Writer',
      'Data Analyst',
      'Educator',
      'Business Advisor',
      'Research Assistant',
      'Debugging Expert',
      'Conversationalist',
      'Marketing Copywriter',
      'Science Communicator',
      'Philosophy Guide',
      'Content Summarizer',
      'Language Assistant',
    ];
    expect(builtInTemplates.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
    const needed = (name: string) => variablesOf(builtInTemplates.find((one) => one.name === name)?.content ?? '');
    // Whoever starts a session from one of these has nothing to fill in.
    for (const name of named) expect(needed(name).filter((found) => !builtIn.has(found))).toEqual([]);
  });

  const builtIn = new Set<string>(builtInVariables);

  it('cover every category, grouped in its order', () => {
    expect([...new Set(builtInTemplates.map(({ category }) => category))]).toEqual([...templateCategories]);
  });

  it('keep their ids, which sessions of other machines and bookmarks name', () => {
    expect(new Set(builtInTemplates.map(({ id }) => id)).size).toBe(builtInTemplates.length);
    expect(builtInTemplates[0]).toMatchObject({
      name: 'Default Assistant',
      id: 'daad95df-44cc-5949-ae33-5c8a79ddde3a',
    });
  });

  it.each(builtInTemplates)('$name keeps the limits, and is short enough for a small model', (one) => {
    expect(one.name.length).toBeLessThanOrEqual(templateLimits.name);
    expect(one.description.length).toBeLessThanOrEqual(templateLimits.description);
    expect(one.content.length).toBeLessThanOrEqual(limits.systemPrompt);
    expect(one.content.split(/\s+/).length).toBeLessThanOrEqual(150);
  });

  it('use no upper-case variable that the portal does not fill', () => {
    const upper = builtInTemplates.flatMap(({ content }) => variablesOf(content)).filter((name) => /^[A-Z]/.test(name));
    expect(upper.filter((name) => !builtIn.has(name))).toEqual([]);
  });
});
