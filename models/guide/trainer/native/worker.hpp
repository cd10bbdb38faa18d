// The model forwards and backwards, as one thread does it.
#pragma once
#include "model.hpp"

// What a question is about is one word of an answer, but all the others hang on it.
constexpr float aboutEmphasis = 4;

struct Loss {
  double words = 0, intents = 0;
};

// One thread's states and gradient.
class Worker {
 public:
  Floats gradient;

  Worker(const Shape& shape, const Layout& layout, const Rope& rope)
      : gradient(layout.size), shape(shape), layout(layout), rope(rope), attention(shape.width, shape.heads), kept(shape.layers) {}

  // Adds the chunk's gradient; a taught place counts `wordShare`, an asked one `intentShare`. Gives the summed losses.
  Loss learn(const Chunk& chunk, const float* weights, const Factors& factors, float wordShare, float intentShare) {
    forward(chunk, weights, factors);
    const int rows = int(chunk.tokens.size()), width = shape.width;
    Loss loss;
    loss.words = teach(chunk, weights, factors, wordShare);
    for (int layer = shape.layers - 1; layer >= 0; layer--) {
      if (layer == shape.layers / 2 - 1) loss.intents = teachIntents(chunk, factors, intentShare);
      backward(chunk, weights, factors, layer);
    }
    for (int row = 0; row < rows; row++) {
      float* to = gradient.data() + layout.embedding + long(chunk.tokens[row]) * width;
      for (int i = 0; i < width; i++) to[i] += dx[long(row) * width + i];
    }
    return loss;
  }

 private:
  struct Kept {
    Floats x, scale, qkv, mixed, middle, middleScale, gateUp;
  };
  const Shape& shape;
  const Layout& layout;
  const Rope& rope;
  Attention attention;
  std::vector<Kept> kept;
  Floats x, dx, scale, h, dh, a, da, dQkv, scores;
  std::vector<int> targets;
  Packed left, right;

  void forward(const Chunk& chunk, const float* weights, const Factors& factors) {
    const int rows = int(chunk.tokens.size()), width = shape.width, inner = shape.inner;
    const long size = long(rows) * width;
    x.resize(size), h.resize(size), a.resize(long(rows) * inner);
    for (int row = 0; row < rows; row++) std::copy_n(weights + layout.embedding + long(chunk.tokens[row]) * width, width, &x[long(row) * width]);
    for (int number = 0; number < shape.layers; number++) {
      Kept& keep = kept[number];
      const auto& at = layout.layers[number];
      const auto& factor = factors.layers[number];
      keep.scale.resize(rows), keep.middleScale.resize(rows), keep.qkv.resize(3 * size), keep.mixed.resize(size), keep.gateUp.resize(2L * rows * inner);
      keep.x = x;
      rmsNorm(x.data(), weights + at.attentionNorm, rows, width, h.data(), keep.scale.data());
      packRows(h.data(), rows, width, left);
      multiply(rows, 3 * width, left, factor.qkv.forward, keep.qkv.data(), false);
      turn(chunk, keep.qkv.data(), 1);
      for (std::size_t i = 0; i + 1 < chunk.starts.size(); i++) {
        const long start = chunk.starts[i];
        attention.forward(&keep.qkv[start * 3 * width], int(chunk.starts[i + 1] - start), &keep.mixed[start * width]);
      }
      if (number == shape.layers - 1) pick(chunk, keep.mixed), pick(chunk, x);
      const int above = rowsAbove(chunk, number);
      packRows(keep.mixed.data(), above, width, left);
      multiply(above, width, left, factor.output.forward, x.data(), true);
      keep.middle = x;
      rmsNorm(x.data(), weights + at.feedForwardNorm, above, width, h.data(), keep.middleScale.data());
      packRows(h.data(), above, width, left);
      multiply(above, 2 * inner, left, factor.gateUp.forward, keep.gateUp.data(), false);
      swiGlu(keep.gateUp.data(), above, inner, a.data());
      packRows(a.data(), above, inner, left);
      multiply(above, width, left, factor.down.forward, x.data(), true);
    }
  }

  // Above its attention the last layer is needed for the taught places only.
  int rowsAbove(const Chunk& chunk, int number) const { return int(number == shape.layers - 1 ? chunk.taught.size() : chunk.tokens.size()); }

  void pick(const Chunk& chunk, Floats& states) const {
    const int width = shape.width;
    for (std::size_t i = 0; i < chunk.taught.size(); i++) std::copy_n(&states[long(chunk.taught[i]) * width], width, &states[long(i) * width]);
  }

  // The rows of the taught places go where they were; the others are nought.
  void putBack(const Chunk& chunk, Floats& gradient) const {
    const int width = shape.width;
    const long rows = long(chunk.tokens.size());
    gradient.resize(rows * width);
    long end = rows;
    for (std::size_t i = chunk.taught.size(); i-- > 0; end = chunk.taught[i]) {
      const long place = chunk.taught[i];
      std::copy_n(&gradient[long(i) * width], width, &gradient[place * width]);
      std::fill(&gradient[(place + 1) * width], gradient.data() + end * width, 0.0f);
    }
    std::fill_n(gradient.data(), end * width, 0.0f);
  }

  // dx: from the gradient of the layer's output to that of its input.
  void backward(const Chunk& chunk, const float* weights, const Factors& factors, int number) {
    const int rows = int(chunk.tokens.size()), width = shape.width, inner = shape.inner;
    Kept& keep = kept[number];
    const auto& at = layout.layers[number];
    const auto& factor = factors.layers[number];
    float* to = gradient.data();
    h.resize(long(rows) * width), da.resize(long(rows) * inner), dh.resize(long(rows) * width), dQkv.resize(3L * rows * width);

    const int above = rowsAbove(chunk, number);
    packRows(dx.data(), above, width, left);
    multiply(above, inner, left, factor.down.backward, da.data(), false);
    swiGluBack(da.data(), above, inner, keep.gateUp.data(), a.data());
    addProduct(dx.data(), width, a.data(), inner, above, to + at.down);
    packRows(keep.gateUp.data(), above, 2 * inner, left);
    multiply(above, width, left, factor.gateUp.backward, dh.data(), false);
    rmsNorm(keep.middle.data(), weights + at.feedForwardNorm, above, width, h.data(), keep.middleScale.data());
    addProduct(keep.gateUp.data(), 2 * inner, h.data(), width, above, to + at.gateUp);
    rmsNormBack(dh.data(), keep.middle.data(), weights + at.feedForwardNorm, keep.middleScale.data(), above, width, dx.data(), to + at.feedForwardNorm);

    packRows(dx.data(), above, width, left);
    multiply(above, width, left, factor.output.backward, dh.data(), false);
    addProduct(dx.data(), width, keep.mixed.data(), width, above, to + at.output);
    if (number == shape.layers - 1) putBack(chunk, dh), putBack(chunk, dx);
    for (std::size_t i = 0; i + 1 < chunk.starts.size(); i++) {
      const long start = chunk.starts[i];
      attention.backward(&keep.qkv[start * 3 * width], int(chunk.starts[i + 1] - start), &dh[start * width], &dQkv[start * 3 * width]);
    }
    turn(chunk, dQkv.data(), -1);
    packRows(dQkv.data(), rows, 3 * width, left);
    multiply(rows, width, left, factor.qkv.backward, dh.data(), false);
    rmsNorm(keep.x.data(), weights + at.attentionNorm, rows, width, h.data(), keep.scale.data());
    addProduct(dQkv.data(), 3 * width, h.data(), width, rows, to + at.qkv);
    rmsNormBack(dh.data(), keep.x.data(), weights + at.attentionNorm, keep.scale.data(), rows, width, dx.data(), to + at.attentionNorm);
  }

  // out (columns of `d` × columns of `states`) += dᵀ · states.
  void addProduct(const float* d, int dWidth, const float* states, int width, int rows, float* out) {
    packColumns(d, rows, dWidth, left);
    packColumns(states, rows, width, right);
    multiply(dWidth, width, left, right, out, true);
  }

  void turn(const Chunk& chunk, float* qkv, float way) const {
    const int headWidth = shape.width / shape.heads;
    for (std::size_t i = 0; i + 1 < chunk.starts.size(); i++)
      for (int row = chunk.starts[i]; row < chunk.starts[i + 1]; row++)
        for (int head = 0; head < 2 * shape.heads; head++) rope.turn(qkv + row * 3L * shape.width + head * headWidth, row - chunk.starts[i], way);
  }

  // The guide's words, from the last layer's states; some places at a time, so that their scores stay in the cache.
  double teach(const Chunk& chunk, const float* weights, const Factors& factors, float share) {
    constexpr int some = 192;
    const int width = shape.width;
    const std::size_t count = chunk.taught.size();
    h.resize(some * width), dh.resize(some * width), scores.resize(long(some) * shape.vocabulary), scale.resize(some), targets.resize(some);
    dx.assign(count * width, 0.0f);
    double loss = 0;
    for (std::size_t from = 0; from < count; from += some) {
      const int rows = int(std::min<std::size_t>(some, count - from));
      const float* states = &x[from * width];
      for (int i = 0; i < rows; i++) targets[i] = chunk.tokens[chunk.taught[from + i] + 1];
      rmsNorm(states, weights + layout.outputNorm, rows, width, h.data(), scale.data());
      packRows(h.data(), rows, width, left);
      multiply(rows, shape.vocabulary, left, factors.embedding.forward, scores.data(), false);
      loss += crossEntropy(scores.data(), targets.data(), rows, shape.vocabulary, share, shape.vocabulary - shape.intents, aboutEmphasis);
      packRows(scores.data(), rows, shape.vocabulary, left);
      multiply(rows, width, left, factors.embedding.backward, dh.data(), false);
      addProduct(scores.data(), shape.vocabulary, h.data(), width, rows, gradient.data() + layout.embedding);
      rmsNormBack(dh.data(), states, weights + layout.outputNorm, scale.data(), rows, width, &dx[from * width], gradient.data() + layout.outputNorm);
    }
    return loss;
  }

  double teachIntents(const Chunk& chunk, const Factors& factors, float share) {
    const int rows = int(chunk.asked.size()), width = shape.width;
    if (rows == 0) return 0;
    const Floats& middle = kept[shape.layers / 2].x;
    Floats centred(rows * width), scales(rows), scores(long(rows) * shape.intents), d(rows * width);
    for (int i = 0; i < rows; i++) centre(&middle[long(chunk.asked[i]) * width], width, &centred[i * width], scales[i]);
    packRows(centred.data(), rows, width, left);
    multiply(rows, shape.intents, left, factors.intent.forward, scores.data(), false);
    const double loss = crossEntropy(scores.data(), chunk.intents.data(), rows, shape.intents, share, shape.intents, 1);
    packRows(scores.data(), rows, shape.intents, left);
    multiply(rows, width, left, factors.intent.backward, d.data(), false);
    addProduct(scores.data(), shape.intents, centred.data(), width, rows, gradient.data() + layout.intent);
    for (int i = 0; i < rows; i++) centreBack(&d[i * width], &centred[i * width], scales[i], width, &dx[long(chunk.asked[i]) * width]);
    return loss;
  }
};
