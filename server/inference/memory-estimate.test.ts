import { describe, expect, it } from 'vitest';
import { estimateMemory, planEmbedding, planMemory } from './memory-estimate.ts';

const gigabyte = 1e9;
/** Qwen2.5-7B-Instruct, Q4_K_M. */
const model = {
  header: { contextLength: 32_768, kvBytesPerToken: 57_344, vocabularySize: 152_064 },
  sizeBytes: 4.68 * gigabyte,
};
const settings = { sequences: 8, contextLength: null };

describe('estimateMemory', () => {
  it('is the weights, the conversations and room to compute', () => {
    const states = 8 * 4096 * 57_344;
    const bytes = estimateMemory(model, settings);
    expect(bytes).toBeGreaterThan(model.sizeBytes + states);
    expect(bytes).toBeLessThan(model.sizeBytes + states + 0.3 * gigabyte);
    expect(estimateMemory(model, { sequences: 8, contextLength: 8192 }) - bytes).toBe(states);
  });

  it('asks for no longer a context than the model has', () => {
    const short = { ...model, header: { ...model.header, contextLength: 2048 } };
    expect(estimateMemory(short, settings)).toBe(estimateMemory(model, { ...settings, contextLength: 2048 }));
  });
});

describe('planEmbedding', () => {
  const perToken = 57_344 + 2 * 4 * 152_064;

  it('is the weights and one text, shorter where that does not fit, and the least where nothing does', () => {
    const { textTokens, bytes } = planEmbedding(model, 8 * gigabyte);
    expect(textTokens).toBe(2048);
    expect(bytes).toBeGreaterThan(model.sizeBytes + 2048 * perToken);
    expect(planEmbedding(model, bytes - 1)).toEqual({ textTokens: 1024, bytes: bytes - 1024 * perToken });
    expect(planEmbedding(model, 0)).toEqual({ textTokens: 512, bytes: bytes - 1536 * perToken });
  });

  it('reads no longer a text than the model, and counts the weights where the header says nothing', () => {
    const short = { ...model, header: { ...model.header, contextLength: 256 } };
    expect(planEmbedding(short, 0).textTokens).toBe(256);
    expect(planEmbedding({ sizeBytes: gigabyte }, 2 * gigabyte).bytes).toBeGreaterThan(gigabyte);
  });
});

describe('planMemory', () => {
  it('takes all that is wanted where it fits', () => {
    expect(planMemory(model, settings, 8 * gigabyte)).toMatchObject({ sequences: 8, contextLength: 4096 });
  });

  it('lets fewer conversations run at once before it shortens what each holds', () => {
    expect(planMemory(model, settings, 6 * gigabyte)).toMatchObject({ sequences: 4, contextLength: 4096 });
    expect(planMemory(model, settings, 5.4 * gigabyte)).toMatchObject({ sequences: 2, contextLength: 4096 });
    expect(planMemory(model, settings, 5.05 * gigabyte)).toMatchObject({ sequences: 1, contextLength: 2048 });
  });

  it('never shortens a context that was set', () => {
    expect(planMemory(model, { ...settings, contextLength: 4096 }, 5.05 * gigabyte)).toMatchObject({
      sequences: 1,
      contextLength: 4096,
    });
  });

  it('says the least where nothing fits', () => {
    const least = planMemory(model, settings, gigabyte);
    expect(least).toMatchObject({ sequences: 1, contextLength: 1024 });
    expect(least.bytes).toBeGreaterThan(model.sizeBytes);
  });
});
