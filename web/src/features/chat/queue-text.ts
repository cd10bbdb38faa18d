const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** A place in the queue in words, 1 is next, and when it is likely to be reached, as roughly as that is known. */
export function queueText(position: number | null, etaMs: number | null): string {
  const place = position === null ? 'In line' : position <= 1 ? 'Next in line' : `${ordinal(position)} in line`;
  return etaMs === null ? place : `${place}, ${waitText(etaMs / 1000)}`;
}

const ordinal = (place: number): string => `${place.toLocaleString()}${endings[ordinals.select(place)] ?? 'th'}`;

function waitText(seconds: number): string {
  if (seconds < 3) return 'any moment now';
  if (seconds < 10) return `about ${Math.round(seconds)} s`;
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${minutes} min`;
  return `about ${Math.round(minutes / 60)} h`;
}
