import { describe, expect, it } from 'vitest';
import { findTemplates } from './find-templates.ts';

const templates = [
  { name: 'Default Assistant', category: 'general', description: 'Clear answers to any question.' },
  { name: 'Coding Assistant', category: 'programming', description: 'Working code.' },
  { name: 'Debugging Expert', category: 'programming', description: 'Finds the cause of an error in code.' },
  { name: 'Code Review', category: 'Mine', description: '' },
];
const names = (filter: string) => findTemplates(templates, filter).map(({ name }) => name);

describe('looking for a template', () => {
  it('shows all of them, in their order, before anything is typed', () => {
    expect(names(' ')).toEqual(templates.map(({ name }) => name));
  });

  it('puts names that begin so first, then words of names, then the rest', () => {
    expect(names('cod')).toEqual(['Coding Assistant', 'Code Review', 'Debugging Expert']);
    expect(names('assist')).toEqual(['Default Assistant', 'Coding Assistant']);
  });

  it('wants every word, wherever it stands and however it is written', () => {
    expect(names('PROGRAMMING error')).toEqual(['Debugging Expert']);
    expect(names('programming nothing')).toEqual([]);
  });
});
