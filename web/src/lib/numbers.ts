const whole = new Intl.NumberFormat();
const decimal = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: 'percent' });
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

export const wholeText = (value: number): string => whole.format(value);
export const decimalText = (value: number): string => decimal.format(value);
/** Of a share, 0 to 1. */
export const percentText = (share: number): string => percent.format(share);
/** Where there is little room: 1.2M. */
export const shortText = (value: number): string => short.format(value);
/** 1 token, 2 tokens. */
export const countText = (count: number, one: string, many: string): string =>
  `${whole.format(count)} ${count === 1 ? one : many}`;
