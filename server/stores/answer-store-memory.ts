import { LRUCache } from 'lru-cache';
import { type AnswerStore, groupOf, groupsOf, keyOf, type StoredAnswer, settingGroup, sizeOf } from './answer-store.ts';

/** The answers of one process. */
export function createMemoryAnswerStore({ maxBytes }: { maxBytes: number }): AnswerStore {
  /** Keys by group, the oldest first. */
  const groups = new Map<string, Set<string>>();
  const answers = new LRUCache<string, StoredAnswer>({
    maxSize: maxBytes,
    sizeCalculation: sizeOf,
    dispose: (answer, key) => {
      for (const group of groupsOf(answer)) {
        const keys = groups.get(group);
        keys?.delete(key);
        if (keys?.size === 0) groups.delete(group);
      }
    },
  });
  let hits = 0;
  let misses = 0;

  return {
    async put(answer, ttlMs) {
      const key = keyOf(answer);
      answers.delete(key);
      if (!answers.set(key, answer, { ttl: ttlMs }).has(key)) return;
      for (const group of groupsOf(answer)) groups.set(group, (groups.get(group) ?? new Set()).add(key));
    },

    async get(id) {
      const answer = answers.get(keyOf(id)) ?? null;
      if (answer !== null) hits++;
      return answer;
    },

    async promptsOf(setting, limit) {
      const newest = [...(groups.get(settingGroup(setting)) ?? [])].slice(-limit);
      return newest.flatMap((key) => {
        const { scope, hash, comparable } = answers.peek(key) ?? { scope: '', hash: '', comparable: null };
        return comparable === null ? [] : [{ scope, hash, prompt: comparable.prompt, vector: comparable.vector }];
      });
    },

    async countMiss() {
      misses++;
    },

    async remove(id) {
      answers.delete(keyOf(id));
    },

    async count(whose) {
      answers.purgeStale();
      return whose === 'all' ? answers.size : (groups.get(groupOf(whose))?.size ?? 0);
    },

    async flush(whose) {
      const keys = whose === 'all' ? [...answers.keys()] : [...(groups.get(groupOf(whose)) ?? [])];
      return keys.filter((key) => answers.delete(key)).length;
    },

    async stats() {
      answers.purgeStale();
      return { backend: 'memory', entries: answers.size, hits, misses, sizeBytes: answers.calculatedSize };
    },
  };
}
