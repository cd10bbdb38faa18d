import type { FilledTensor, FillRow } from './gguf-model.ts';
import type { TokenKind } from './noise-vocabulary.ts';

export interface NoiseShape {
  width: number;
  layers: number;
  heads: number;
  kvHeads: number;
  feedForward: number;
  vocabulary: number;
  /** One matrix for reading and for writing tokens, as small real models have it. */
  tied: boolean;
  seed: number;
}

/** What a kind of token gains or loses before sampling, in natural logarithms. */
const favour: Record<TokenKind, number> = {
  word: 0,
  syllable: -2,
  punctuation: 3,
  piece: -4,
  lead: 2.5,
  continuation: -20,
  byte: -20,
  control: -30,
};
/** What a byte that ends an emoji gains after the first three, so that characters split across tokens are common. */
const completion = 60;
/** Spread of the logits: enough for a clear choice at temperature 0, little enough for variety at 0.7. */
const logitSpread = 2.2;
/** How much more the layers add to a token's vector than the token brings, so that the context decides and not the last token. */
const layersShare = 6;

/**
 * The tensors of a llama model with random weights. Two of its dimensions are not noise: no layer writes to them. The
 * first is the same for every token, and carries `favour` to the output; the second marks the first bytes of an emoji.
 */
export function noiseTensors(shape: NoiseShape, kinds: readonly TokenKind[]): FilledTensor[] {
  const { width, layers, feedForward, vocabulary, tied } = shape;
  const keyWidth = (width / shape.heads) * shape.kvHeads;
  const spread = logitSpread / Math.sqrt(width);
  // With one matrix the constant dimension must outweigh the noise by its own square.
  const constant = tied ? Math.sqrt(20 * spread * Math.sqrt(1 + layersShare)) : 4 * spread;
  const level = Math.sqrt(spread ** 2 * (1 + layersShare) + constant ** 2 / width);
  const layerOut = spread * Math.sqrt(layersShare / (2 * layers));

  let index = 0;
  const noise = (deviation: number, quiet = false): FillRow => {
    const fill = uniform(shape.seed + index++ * 0x9e3779b9, deviation);
    return (row, out) => {
      if (quiet && row < 2) out.fill(0);
      else fill(out);
    };
  };
  const ones: FillRow = (_, out) => out.fill(1);
  const matrix = (name: string, columns: number, rows: number, gain: number, quiet = false): FilledTensor => ({
    name,
    shape: [columns, rows],
    fill: noise(gain / Math.sqrt(columns), quiet),
  });

  const embedding = noise(spread);
  const output = noise(spread);
  const signs = uniform(shape.seed ^ 0x51f15e, 1);
  const tensors: FilledTensor[] = [
    {
      name: 'token_embd.weight',
      shape: [width, vocabulary],
      fill: (row, out) => {
        embedding(row, out);
        out[0] = tied && kinds[row] === 'control' ? -constant : constant;
        out[1] = !tied && kinds[row] === 'lead' ? constant : 0;
      },
    },
    {
      name: 'output_norm.weight',
      shape: [width],
      // Random signs keep a token from being its own best successor where reading and writing share a matrix.
      fill: (_, out) => {
        signs(out);
        for (let i = 0; i < width; i++) out[i] = i < 2 || (out[i] ?? 0) > 0 ? 1 : -1;
      },
    },
  ];
  if (!tied) {
    tensors.push({
      name: 'output.weight',
      shape: [width, vocabulary],
      fill: (row, out) => {
        output(row, out);
        const kind = kinds[row] ?? 'byte';
        out[0] = (favour[kind] * level) / constant;
        out[1] = kind === 'continuation' ? (completion * level) / constant : 0;
      },
    });
  }
  for (let layer = 0; layer < layers; layer++) {
    const name = `blk.${layer}`;
    tensors.push(
      { name: `${name}.attn_norm.weight`, shape: [width], fill: ones },
      matrix(`${name}.attn_q.weight`, width, width, 1.5),
      matrix(`${name}.attn_k.weight`, width, keyWidth, 1.5),
      matrix(`${name}.attn_v.weight`, width, keyWidth, 1.5),
      matrix(`${name}.attn_output.weight`, width, width, layerOut, true),
      { name: `${name}.ffn_norm.weight`, shape: [width], fill: ones },
      matrix(`${name}.ffn_gate.weight`, width, feedForward, 1.5),
      matrix(`${name}.ffn_up.weight`, width, feedForward, 1.5),
      matrix(`${name}.ffn_down.weight`, feedForward, width, layerOut, true),
    );
  }
  return tensors;
}

/** Numbers of the given standard deviation, from a generator (xorshift32) that gives the same ones for the same seed. */
function uniform(seed: number, deviation: number): (out: Float32Array) => void {
  // The seed is mixed (MurmurHash3's finalizer), so that neighbours give unrelated numbers.
  let state = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  state = state ^ (state >>> 16) || 1;
  const scale = (deviation * Math.sqrt(3)) / 0x80000000;
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      out[i] = state * scale;
    }
  };
}
