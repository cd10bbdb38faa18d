/** Writes a row of numbers as ggml stores them, at `offset`. */
type Encode = (values: Float32Array, out: Buffer, offset: number) => void;

interface TensorEncoder {
  /** ggml's number of the type. */
  type: number;
  /** llama.cpp's `general.file_type` for a model stored mostly so. */
  fileType: number;
  blockSize: number;
  blockBytes: number;
  encode: Encode;
}

const quantsPerBlock = 32;

export const encoders = {
  F32: {
    type: 0,
    fileType: 0,
    blockSize: 1,
    blockBytes: 4,
    encode: (values, out, offset) => {
      for (let i = 0; i < values.length; i++) out.writeFloatLE(values[i] ?? 0, offset + i * 4);
    },
  },
  F16: {
    type: 1,
    fileType: 1,
    blockSize: 1,
    blockBytes: 2,
    encode: (values, out, offset) => {
      for (let i = 0; i < values.length; i++) out.writeUInt16LE(toHalf(values[i] ?? 0), offset + i * 2);
    },
  },
  /** Blocks of a half-precision scale and 32 signed bytes. */
  Q8_0: {
    type: 8,
    fileType: 7,
    blockSize: quantsPerBlock,
    blockBytes: 2 + quantsPerBlock,
    encode: (values, out, offset) => {
      let at = offset;
      for (let start = 0; start < values.length; start += quantsPerBlock) {
        let largest = 0;
        for (let i = 0; i < quantsPerBlock; i++) largest = Math.max(largest, Math.abs(values[start + i] ?? 0));
        const scale = largest / 127;
        const inverse = scale === 0 ? 0 : 1 / scale;
        out.writeUInt16LE(toHalf(scale), at);
        at += 2;
        for (let i = 0; i < quantsPerBlock; i++) out[at++] = Math.round((values[start + i] ?? 0) * inverse);
      }
    },
  },
} satisfies Record<string, TensorEncoder>;

const single = new Float32Array(1);
const singleBits = new Uint32Array(single.buffer);

/** IEEE 754 half precision, rounded to the nearest; what is below its normal range becomes zero. */
function toHalf(value: number): number {
  single[0] = value;
  const bits = singleBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const rounded = (bits & 0x7fffffff) + 0x1000;
  const exponent = (rounded >>> 23) - 112;
  if (exponent <= 0) return sign;
  if (exponent >= 31) return sign | 0x7c00;
  return sign | (exponent << 10) | ((rounded >>> 13) & 0x3ff);
}
