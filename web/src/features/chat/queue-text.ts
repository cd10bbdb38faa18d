import { roughSpan } from '../../lib/spans.ts';

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** A place in the queue in words, 1 is next, and when it is likely to be reached, as roughly as that is known. */
export function queueText(position: number | null, etaMs: number | null): string {
  const place = position === null ? 'In line' : position <= 1 ? 'Next in line' : `${ordinal(position)} in line`;
  return etaMs === null ? place : `${place}, ${waitText(etaMs / 1000)}`;
}

const ordinal = (place: number): string => `${place.toLocaleString()}${endings[ordinals.select(place)] ?? 'th'}`;

const waitText = (seconds: number): string => (seconds < 3 ? 'a few seconds' : `about ${roughSpan(seconds)}`);
