const references: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&#x27;': "'",
};

export interface SnippetPart {
  text: string;
  isMatch: boolean;
}

/** A search snippet, escaped HTML in which the matches alone stand in `<mark>`, as pieces of plain text. */
export function snippetParts(snippet: string): SnippetPart[] {
  let isMatch = false;
  const parts: SnippetPart[] = [];
  for (const piece of snippet.split(/(<\/?mark>)/)) {
    if (piece === '<mark>') isMatch = true;
    else if (piece === '</mark>') isMatch = false;
    else if (piece !== '') parts.push({ text: withoutEscapes(piece), isMatch });
  }
  return parts;
}

function withoutEscapes(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39|#x27);/g, (reference) => references[reference] ?? reference);
}
