import { readFragment } from '../../gql/index.ts';
import { bytesText } from '../../lib/bytes.ts';
import { countText, decimalText, percentText, wholeText } from '../../lib/numbers.ts';
import { spanText } from '../../lib/spans.ts';
import type { Tone } from './charts/tones.ts';
import { EndedParts } from './documents.ts';
import type { Figures } from './use-live-figures.ts';

export interface FigureLine {
  name: string;
  tone: Tone;
  isDashed?: boolean;
  /** Null where there is nothing to tell. */
  read: (figures: Figures) => number | null;
}

export interface FigureChart {
  title: string;
  /** What is measured. */
  about: string;
  lines: readonly FigureLine[];
  textOf: (value: number) => string;
  /** What the chart reaches up to at least; exactly, where it is of the figures. */
  top: number | ((figures: Figures) => number);
  /** What stands beside it, of all time. */
  note: (figures: Figures) => string;
}

const recentEnds = ({ recent }: Figures) => recent && readFragment(EndedParts, recent.endedReplies);
const inAll = 'since counting began';

/** What an operator watches, in the order in which they would look. */
export const liveCharts: readonly FigureChart[] = [
  {
    title: 'Requests',
    about: 'Replies asked for within a minute',
    lines: [
      { name: 'asked for', tone: 'first', read: ({ recent }) => recent?.requests ?? null },
      { name: 'failed', tone: 'danger', isDashed: true, read: (figures) => recentEnds(figures)?.failed ?? null },
    ],
    textOf: wholeText,
    top: 5,
    note: ({ totalRequests, errorCount }) =>
      `${wholeText(totalRequests)} ${inAll}, ${wholeText(errorCount)} of them failed`,
  },
  {
    title: 'Queue',
    about: 'Replies that are being written, and that wait for their turn',
    lines: [
      { name: 'being written', tone: 'first', read: ({ activeReplies }) => activeReplies },
      { name: 'waiting', tone: 'second', isDashed: true, read: ({ queuedReplies }) => queuedReplies },
    ],
    textOf: wholeText,
    top: 5,
    note: ({ activeSessions }) =>
      `${countText(activeSessions, 'conversation', 'conversations')} with news within 15 minutes`,
  },
  {
    title: 'Time to the end of a reply',
    about: 'From asking to the end, of the replies that ended within a minute',
    lines: [
      { name: 'half are faster (p50)', tone: 'first', read: ({ recent }) => recent?.p50LatencyMs ?? null },
      {
        name: '95 of 100 are faster (p95)',
        tone: 'second',
        isDashed: true,
        read: ({ recent }) => recent?.p95LatencyMs ?? null,
      },
    ],
    textOf: spanText,
    top: 1_000,
    note: ({ p50LatencyMs, p95LatencyMs, averageLatencyMs }) =>
      `p50 ${spanText(p50LatencyMs)}, p95 ${spanText(p95LatencyMs)}, mean ${spanText(averageLatencyMs)} ${inAll}`,
  },
  {
    title: 'Time to the first token',
    about: 'From the beginning of reading the prompt, mean of a minute',
    lines: [{ name: 'mean', tone: 'first', read: ({ recent }) => recent?.timeToFirstTokenMs ?? null }],
    textOf: spanText,
    top: 1_000,
    note: ({ timeToFirstTokenMs }) =>
      timeToFirstTokenMs === 0 ? `None ${inAll}` : `${spanText(timeToFirstTokenMs)} ${inAll}`,
  },
  {
    title: 'Speed',
    about: 'Tokens a second of one reply, mean of a minute',
    lines: [{ name: 'tokens/s', tone: 'first', read: ({ recent }) => recent?.tokensPerSecond ?? null }],
    textOf: decimalText,
    top: 10,
    note: ({ tokensPerSecond }) =>
      tokensPerSecond === 0 ? `None ${inAll}` : `${decimalText(tokensPerSecond)} tokens/s ${inAll}`,
  },
  {
    title: 'Answers from the cache',
    about: 'Share of the questions that were asked of it within a minute',
    lines: [{ name: 'hits', tone: 'first', read: ({ recent }) => recent?.cacheHitRate ?? null }],
    textOf: percentText,
    top: () => 1,
    note: ({ cacheHitRate, cacheHits, cacheMisses }) =>
      `${percentText(cacheHitRate)} of ${wholeText(cacheHits + cacheMisses)} ${inAll}`,
  },
  {
    title: 'How replies end',
    about: 'Replies that ended within a minute',
    lines: [
      { name: 'complete', tone: 'first', read: (figures) => recentEnds(figures)?.complete ?? null },
      {
        name: 'from the cache',
        tone: 'third',
        isDashed: true,
        read: (figures) => recentEnds(figures)?.cached ?? null,
      },
      { name: 'stopped', tone: 'second', read: (figures) => recentEnds(figures)?.stopped ?? null },
      { name: 'failed', tone: 'danger', isDashed: true, read: (figures) => recentEnds(figures)?.failed ?? null },
    ],
    textOf: wholeText,
    top: 5,
    note: ({ endedReplies }) => {
      const { complete, cached, stopped, failed } = readFragment(EndedParts, endedReplies);
      const counts = [`${wholeText(complete)} complete`, `${wholeText(cached)} from the cache`];
      return [...counts, `${wholeText(stopped)} stopped`, `${wholeText(failed)} failed ${inAll}`].join(', ');
    },
  },
  {
    title: 'Delay of the event loop',
    about: 'The longest that this process kept an event waiting',
    lines: [{ name: 'longest', tone: 'first', read: ({ eventLoopDelayMs }) => eventLoopDelayMs }],
    textOf: spanText,
    top: 50,
    note: ({ uptimeSeconds }) => `This process has run for ${spanText(uptimeSeconds * 1_000)}`,
  },
  {
    title: 'Memory',
    about: 'Of this process; the models have processes of their own',
    lines: [{ name: 'in use', tone: 'first', read: ({ memoryBytes }) => memoryBytes }],
    textOf: bytesText,
    top: 500_000_000,
    note: ({ memoryTotalBytes }) => `The machine has ${bytesText(memoryTotalBytes)}`,
  },
  {
    title: 'Processor',
    about: 'Of the whole machine, all cores together',
    lines: [{ name: 'busy', tone: 'first', read: ({ cpuPercent }) => cpuPercent / 100 }],
    textOf: percentText,
    top: () => 1,
    note: () => 'All of it, while a model writes on the processor, is as it should be',
  },
];
