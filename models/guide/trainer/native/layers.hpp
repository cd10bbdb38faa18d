// What stands between the large products, forwards and backwards. Arrays are row-major: one row a token.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "multiply.hpp"

using Floats = std::vector<float>;

constexpr float normEpsilon = 1e-5f;
constexpr float ropeBase = 10000.0f;

// y = x / rms(x) · weight; keeps 1 / rms(x) of each row.
inline void rmsNorm(const float* x, const float* weight, int rows, int width, float* y, float* scale) {
  for (int row = 0; row < rows; row++, x += width, y += width) {
    float sum = 0;
    for (int i = 0; i < width; i++) sum += x[i] * x[i];
    const float r = scale[row] = 1 / std::sqrt(sum / width + normEpsilon);
    for (int i = 0; i < width; i++) y[i] = x[i] * r * weight[i];
  }
}

// Adds to dx and dWeight.
inline void rmsNormBack(const float* dy, const float* x, const float* weight, const float* scale, int rows, int width, float* dx, float* dWeight) {
  for (int row = 0; row < rows; row++, x += width, dy += width, dx += width) {
    const float r = scale[row];
    float sum = 0;
    for (int i = 0; i < width; i++) sum += dy[i] * weight[i] * x[i];
    const float along = sum * r * r * r / width;
    for (int i = 0; i < width; i++) {
      dWeight[i] += dy[i] * x[i] * r;
      dx[i] += dy[i] * weight[i] * r - x[i] * along;
    }
  }
}

// y = (x - mean) / deviation, without weights.
inline void centre(const float* x, int width, float* y, float& scale) {
  float mean = 0, square = 0;
  for (int i = 0; i < width; i++) mean += x[i];
  mean /= width;
  for (int i = 0; i < width; i++) square += (x[i] - mean) * (x[i] - mean);
  scale = 1 / std::sqrt(square / width + normEpsilon);
  for (int i = 0; i < width; i++) y[i] = (x[i] - mean) * scale;
}

// Adds to dx.
inline void centreBack(const float* dy, const float* y, float scale, int width, float* dx) {
  float mean = 0, along = 0;
  for (int i = 0; i < width; i++) mean += dy[i], along += dy[i] * y[i];
  mean /= width, along /= width;
  for (int i = 0; i < width; i++) dx[i] += scale * (dy[i] - mean - y[i] * along);
}

// gateUp: rows × 2·inner, gates first. out = silu(gate) · up.
inline void swiGlu(const float* gateUp, int rows, int inner, float* out) {
  for (int row = 0; row < rows; row++, gateUp += 2 * inner, out += inner)
    for (int i = 0; i < inner; i++) out[i] = gateUp[i] / (1 + std::exp(-gateUp[i])) * gateUp[inner + i];
}

// Puts the gradient where gateUp was; out is computed anew.
inline void swiGluBack(const float* dOut, int rows, int inner, float* gateUp, float* out) {
  for (int row = 0; row < rows; row++, gateUp += 2 * inner, dOut += inner, out += inner)
    for (int i = 0; i < inner; i++) {
      const float gate = gateUp[i], up = gateUp[inner + i], share = 1 / (1 + std::exp(-gate)), silu = gate * share;
      out[i] = silu * up;
      gateUp[i] = dOut[i] * up * (share + silu * (1 - share));
      gateUp[inner + i] = dOut[i] * silu;
    }
}

// Turns pairs of neighbours by an angle that grows with the place, as llama.cpp does for this architecture. For heads of one width.
class Rope {
 public:
  Rope(int headWidth, int places) : width(headWidth), cosines(places * headWidth), sines(places * headWidth) {
    for (int place = 0; place < places; place++)
      for (int i = 0; i < headWidth; i++) {
        const double angle = place * std::pow(double(ropeBase), -double(i / 2 * 2) / headWidth);
        cosines[place * headWidth + i] = float(std::cos(angle));
        sines[place * headWidth + i] = float(i % 2 == 0 ? -std::sin(angle) : std::sin(angle));
      }
  }

  // One head's row; `way` -1 turns back.
  void turn(float* x, int place, float way) const {
    typedef int Order __attribute__((vector_size(64)));
    constexpr Order swapped = {1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14};
    for (int i = 0; i < width; i += 16) {
      Wide& now = *reinterpret_cast<Wide*>(x + i);
      const Wide& cosine = *reinterpret_cast<const Wide*>(&cosines[place * width + i]);
      const Wide& sine = *reinterpret_cast<const Wide*>(&sines[place * width + i]);
      now = now * cosine + __builtin_shuffle(now, swapped) * (sine * way);
    }
  }

 private:
  int width;
  Floats cosines, sines;
};

// Causal attention within one conversation of `length` tokens. qkv: rows of queries, keys and values, 3·width, already turned.
class Attention {
 public:
  Attention(int width, int heads) : width(width), heads(heads), headWidth(width / heads) {}

  // mixed: length × width.
  void forward(const float* qkv, int length, float* mixed) {
    for (int head = 0; head < heads; head++) {
      weigh(qkv + head * headWidth, length);
      multiplySmall(Triangle::sumBelow, length, headWidth, length, {weights.data(), padded, 1}, {qkv + 2 * width + head * headWidth, 3L * width, 1}, mixed + head * headWidth, width);
    }
  }

  // dQkv: rows of 3·width; the gradient of the turned queries and keys.
  void backward(const float* qkv, int length, const float* dMixed, float* dQkv) {
    const float scale = 1 / std::sqrt(float(headWidth));
    for (int head = 0; head < heads; head++) {
      const float *q = qkv + head * headWidth, *d = dMixed + head * headWidth;
      float* dq = dQkv + head * headWidth;
      weigh(q, length);
      transpose(q + 2 * width, length);
      dWeights.resize(weights.size());
      multiplySmall(Triangle::columnsBelow, length, padded, headWidth, {d, width, 1}, {turned.data(), padded, 1}, dWeights.data(), padded);
      multiplySmall(Triangle::sumAbove, length, headWidth, length, {weights.data(), 1, padded}, {d, width, 1}, dq + 2 * width, 3L * width);
      for (int i = 0; i < length; i++) {
        float *w = &weights[long(i) * padded], *dw = &dWeights[long(i) * padded], sum = 0;
        for (int j = 0; j < blockEnd(i); j++) sum += w[j] * dw[j];
        for (int j = 0; j < blockEnd(i); j++) dw[j] = w[j] * (dw[j] - sum) * scale;
      }
      multiplySmall(Triangle::sumBelow, length, headWidth, length, {dWeights.data(), padded, 1}, {q + width, 3L * width, 1}, dq, 3L * width);
      multiplySmall(Triangle::sumAbove, length, headWidth, length, {dWeights.data(), 1, padded}, {q, 3L * width, 1}, dq + width, 3L * width);
    }
  }

 private:
  static constexpr float hidden = -1e9f;  // the score of what comes later: a weight of nought
  int width, heads, headWidth;
  long padded = 0;
  Floats weights, dWeights, turned;

  static int blockEnd(int row) { return (row / panelWidth + 1) * panelWidth; }

  // Columns of the keys or values of a head, each as long as the conversation.
  void transpose(const float* from, int length) {
    turned.assign(headWidth * padded, 0.0f);
    for (int j = 0; j < length; j++)
      for (int i = 0; i < headWidth; i++) turned[i * padded + j] = from[j * 3L * width + i];
  }

  // The attention weights of a head, whose queries begin at `q`.
  void weigh(const float* q, int length) {
    padded = blockEnd(length - 1);
    weights.resize(length * padded);
    transpose(q + width, length);
    multiplySmall(Triangle::columnsBelow, length, int(padded), headWidth, {q, 3L * width, 1}, {turned.data(), padded, 1}, weights.data(), padded);
    const float scale = 1 / std::sqrt(float(headWidth));
    for (int i = 0; i < length; i++) {
      float *w = &weights[i * padded], most = w[0], sum = 0;
      const int end = blockEnd(i);
      std::fill(w + i + 1, w + end, hidden);
      for (int j = 0; j < end; j++) most = std::max(most, w[j]);
      for (int j = 0; j < end; j++) sum += w[j] = std::exp((w[j] - most) * scale);
      const float share = 1 / sum;
      for (int j = 0; j < end; j++) w[j] *= share;
    }
  }
};

// Rows of scores become the gradient of their cross-entropy, times `share`, and `emphasis` where the target is `emphasised` or later.
// Gives the summed loss.
inline double crossEntropy(float* scores, const int* targets, int rows, int width, float share, int emphasised, float emphasis) {
  double loss = 0;
  for (int row = 0; row < rows; row++, scores += width) {
    float most = scores[0], sum = 0;
    for (int i = 1; i < width; i++) most = std::max(most, scores[i]);
    const float target = scores[targets[row]] - most;
    for (int i = 0; i < width; i++) sum += scores[i] = std::exp(scores[i] - most);
    loss += std::log(sum) - target;
    const float whole = targets[row] >= emphasised ? share * emphasis : share, part = whole / sum;
    for (int i = 0; i < width; i++) scores[i] *= part;
    scores[targets[row]] -= whole;
  }
  return loss;
}
