import type { HighlightResult } from 'highlight.js';
import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import graphql from 'highlight.js/lib/languages/graphql';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

/** A piece of code and the colour that it gets: one of the `--code-*` variables. */
export interface Segment {
  text: string;
  scope: string | null;
}

const longest = 40_000;

const languages = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  graphql,
  java,
  javascript,
  json,
  markdown,
  php,
  python,
  ruby,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(languages)) highlighter.registerLanguage(name, language);

const colours: Record<string, string> = {
  keyword: 'keyword',
  literal: 'keyword',
  'selector-tag': 'keyword',
  tag: 'keyword',
  name: 'keyword',
  deletion: 'keyword',
  string: 'string',
  regexp: 'string',
  addition: 'string',
  number: 'number',
  symbol: 'number',
  comment: 'comment',
  quote: 'comment',
  meta: 'comment',
  title: 'title',
  section: 'title',
  built_in: 'type',
  type: 'type',
  attr: 'type',
  attribute: 'type',
  variable: 'type',
};

/** The code in coloured pieces, in their order; null for a language that is not known, or for too much of it. */
export function highlight(code: string, language: string): Segment[] | null {
  if (code.length > longest || highlighter.getLanguage(language) === undefined) return null;
  const result = highlighter.highlight(code, { language, ignoreIllegals: true });
  const segments: Segment[] = [];
  collect(treeOf(result), null, segments);
  return segments;
}

type Tree = string | { scope?: string; children: Tree[] };

/** The tree that highlight.js makes its HTML from: we make elements of it, so that no text ever becomes markup. */
function treeOf(result: HighlightResult): Tree {
  return (result._emitter as unknown as { root: Tree }).root;
}

function collect(tree: Tree, scope: string | null, segments: Segment[]): void {
  if (typeof tree === 'string') {
    const last = segments.at(-1);
    if (last?.scope === scope) last.text += tree;
    else segments.push({ text: tree, scope });
    return;
  }
  const own = tree.scope === undefined ? undefined : colours[tree.scope.split('.')[0] ?? ''];
  for (const child of tree.children) collect(child, own ?? scope, segments);
}
