/** Colours that tell lines and bars apart, with 3:1 against the page in both themes. */
export const tones = {
  first: 'text-chart-1',
  second: 'text-chart-2',
  third: 'text-chart-3',
  fourth: 'text-chart-4',
  other: 'text-line-strong',
  danger: 'text-danger',
} as const;

export type Tone = keyof typeof tones;
