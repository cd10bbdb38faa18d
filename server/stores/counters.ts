/**
 * Numbers that only grow, counted by all processes together. `add` returns at once and never fails: what a store that is away
 * cannot take is added once it is back.
 */
export interface Counters {
  add(name: string, amount?: number): void;
  /** Everything counted so far, our own latest included. While the store is away: what this process knows. */
  read(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}
