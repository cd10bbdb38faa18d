// Muon for the matrices, Adam for the rest.
//
// Muon steps along the nearest orthogonal matrix of the momentum, found by a Newton-Schulz iteration (Keller Jordan and others, 2024:
// https://kellerjordan.github.io/posts/muon/); on transformers this small it needs about half of Adam's steps.
#pragma once
#include "model.hpp"

// About the orthogonal factor of x (rows ≤ columns, multiples of 32), in its place; singular values end between 0.7 and 1.2.
inline void orthogonalise(Floats& x, int rows, int columns) {
  constexpr float a = 3.4445f, b = -4.7750f, c = 2.0315f;
  Packed left, right;
  Floats square(long(rows) * rows), fourth(long(rows) * rows), next(x.size());
  float norm = 0;
  for (const float value : x) norm += value * value;
  norm = 1 / (std::sqrt(norm) + 1e-7f);
  for (float& value : x) value *= norm;
  for (int step = 0; step < 5; step++) {
    packRows(x.data(), rows, columns, left);
    packTransposed(x.data(), rows, columns, right);
    multiply(rows, rows, left, right, square.data(), false);
    packRows(square.data(), rows, rows, left);
    packTransposed(square.data(), rows, rows, right);
    multiply(rows, rows, left, right, fourth.data(), false);
    for (std::size_t i = 0; i < square.size(); i++) square[i] = b * square[i] + c * fourth[i];
    packRows(square.data(), rows, rows, left);
    packColumns(x.data(), rows, columns, right);
    multiply(rows, columns, left, right, next.data(), false);
    for (std::size_t i = 0; i < x.size(); i++) x[i] = a * x[i] + next[i];
  }
}

inline Floats transposed(const Floats& x, int rows, int columns) {
  Floats out(x.size());
  for (int row = 0; row < rows; row++)
    for (int column = 0; column < columns; column++) out[long(column) * rows + row] = x[long(row) * columns + column];
  return out;
}

struct Optimizer {
  float rate, adamRate;
  static constexpr float weightDecay = 0.05f;
  // Token embeddings are small, since they are the output's matrix too. What is added to them in the full steps of Muon soon outweighs
  // them a hundredfold; no later layer then knows which token it stands on, and copying cannot be learned.
  static constexpr float writingRate = 0.05f;
  Floats first, second;  // of each weight: the momentum; the mean square of its gradient

  // One step, number `step` from 1, of one tensor; `share` is the schedule's part of the full rate.
  void step(const Tensor& tensor, float* weights, const float* gradient, long step, float share) {
    float *weight = weights + tensor.from, *momentum = &first[tensor.from];
    const long size = tensor.size();
    if (tensor.matrix) {
      Floats update(size);
      for (long i = 0; i < size; i++) {
        momentum[i] += 0.05f * (gradient[i] - momentum[i]);
        update[i] = gradient[i] + 0.95f * (momentum[i] - gradient[i]);
      }
      const bool tall = tensor.rows > tensor.columns;
      if (tall) update = transposed(update, tensor.rows, tensor.columns);
      orthogonalise(update, std::min(tensor.rows, tensor.columns), std::max(tensor.rows, tensor.columns));
      if (tall) update = transposed(update, tensor.columns, tensor.rows);
      const float now = rate * share * (tensor.writes ? writingRate : 1.0f), along = now * (tall ? std::sqrt(float(tensor.rows) / tensor.columns) : 1.0f);
      for (long i = 0; i < size; i++) weight[i] = weight[i] * (1 - now * weightDecay) - along * update[i];
    } else {
      float* square = &second[tensor.from];
      const float firstBias = 1 - std::pow(0.9f, float(step)), secondBias = 1 - std::pow(0.95f, float(step));
      for (long i = 0; i < size; i++) {
        momentum[i] += 0.1f * (gradient[i] - momentum[i]);
        square[i] += 0.05f * (gradient[i] * gradient[i] - square[i]);
        weight[i] -= adamRate * share * (momentum[i] / firstBias) / (std::sqrt(square[i] / secondBias) + 1e-8f);
      }
    }
  }
};
