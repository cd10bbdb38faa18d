const allowedProtocols = new Set(['http:', 'https:', 'mailto:']);

/** The address as the browser will read it, where a model's text may link to it; null for everything else. */
export function safeHref(href: string): string | null {
  // Without a base only absolute addresses parse: `//host`, `/path` and `#id` of this portal are not the model's to give.
  const url = parse(href);
  return url !== null && allowedProtocols.has(url.protocol) ? url.href : null;
}

/** Whose server an address asks, for people: `example.com`. */
export function hostOf(href: string): string {
  return parse(href)?.host || 'another place';
}

function parse(href: string): URL | null {
  try {
    return new URL(href);
  } catch {
    return null;
  }
}
