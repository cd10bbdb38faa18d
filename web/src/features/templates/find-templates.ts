interface Findable {
  name: string;
  category: string;
  description: string;
}

/** Those that hold every word of the filter, the names that begin with it first; otherwise in their own order. */
export function findTemplates<Template extends Findable>(templates: readonly Template[], filter: string): Template[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const found = templates.filter(({ name, category, description }) => {
    const text = `${name} ${category} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = words[0];
  if (first === undefined) return found;
  const rank = ({ name }: Findable) => {
    const lower = name.toLowerCase();
    if (lower.startsWith(first)) return 0;
    return lower.split(/\s+/).some((word) => word.startsWith(first)) ? 1 : 2;
  };
  return found.toSorted((a, b) => rank(a) - rank(b));
}
