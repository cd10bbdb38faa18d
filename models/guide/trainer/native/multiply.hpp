// Products of matrices: bfloat16 factors summed in float32 for the large ones, float32 for the small ones of the attention.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <vector>

// Two neighbours along the summed dimension, as one number: what `vdpbf16ps` multiplies and adds in one go.
using Pair = std::uint32_t;

constexpr int panelWidth = 32;
constexpr int tileRows = 8;
// Pairs that are summed before a tile is put down: what keeps one panel of either factor in the nearer caches.
constexpr int depth = 256;

inline std::uint16_t toBf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline float pairProduct(Pair a, Pair b, float sum) {
  const auto low = [](Pair pair) { pair <<= 16; float f; std::memcpy(&f, &pair, 4); return f; };
  const auto high = [](Pair pair) { pair &= 0xffff0000u; float f; std::memcpy(&f, &pair, 4); return f; };
  return sum + low(a) * low(b) + high(a) * high(b);
}

// A factor of a product, as pairs along the summed dimension in panels of 32 rows (or columns) that are not summed.
struct Packed {
  std::vector<Pair> pairs;
  int count = 0;  // pairs along the summed dimension
  long panel = 0, row = 0, step = 0;  // distances between panels, rows of a panel, and pairs of a row

  const Pair* at(int index) const { return pairs.data() + index / panelWidth * panel + index % panelWidth * row; }
};

// `x` is rows × columns; the columns (an even number) are summed. For the left factor only.
inline void packRows(const float* x, int rows, int columns, Packed& out) {
  out.count = columns / 2;
  out.row = out.count;
  out.panel = panelWidth * out.row;
  out.step = 1;
  out.pairs.resize(static_cast<std::size_t>(rows) * out.count);
  auto* to = reinterpret_cast<std::uint16_t*>(out.pairs.data());
  const long size = static_cast<long>(rows) * columns;
  long i = 0;
#ifdef __AVX512BF16__
  for (; i + 16 <= size; i += 16) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + i), (__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(x + i)));
#endif
  for (; i < size; i++) to[i] = toBf16(x[i]);
}

// `x` is rows × columns (a multiple of 32); the rows are summed. For either factor.
inline void packColumns(const float* x, int rows, int columns, Packed& out) {
  out.count = (rows + 1) / 2;
  out.row = 1;
  out.step = panelWidth;
  out.panel = static_cast<long>(out.count) * panelWidth;
  out.pairs.resize(static_cast<std::size_t>(columns) * out.count);
  for (int pair = 0; pair < out.count; pair++) {
    const float* low = x + 2L * pair * columns;
    const float* high = 2 * pair + 1 < rows ? low + columns : nullptr;
    for (int column = 0; column < columns; column += 16) {
      Pair* to = out.pairs.data() + column / panelWidth * out.panel + pair * panelWidth + column % panelWidth;
#ifdef __AVX512BF16__
      const auto a = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(low + column)));
      const auto b = high ? _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(_mm512_loadu_ps(high + column))) : _mm512_setzero_si512();
      _mm512_storeu_si512(to, _mm512_or_si512(a, _mm512_slli_epi32(b, 16)));
#else
      for (int i = 0; i < 16; i++) to[i] = toBf16(low[column + i]) | static_cast<Pair>(high ? toBf16(high[column + i]) : 0) << 16;
#endif
    }
  }
}

// `x` is rows (a multiple of 32) × columns; the columns are summed. For the right factor: the product is with the transpose of `x`.
inline void packTransposed(const float* x, int rows, int columns, Packed& out) {
  out.count = columns / 2;
  out.row = 1;
  out.step = panelWidth;
  out.panel = static_cast<long>(out.count) * panelWidth;
  out.pairs.resize(static_cast<std::size_t>(rows) * out.count);
  for (int row = 0; row < rows; row++) {
    Pair* to = out.pairs.data() + row / panelWidth * out.panel + row % panelWidth;
    const float* from = x + static_cast<long>(row) * columns;
    for (int pair = 0; pair < out.count; pair++) to[pair * panelWidth] = toBf16(from[2 * pair]) | static_cast<Pair>(toBf16(from[2 * pair + 1])) << 16;
  }
}

template <int Rows>
inline void tile(int count, const Pair* a, long row, long step, const Pair* b, float* c, long width, bool add) {
#ifdef __AVX512BF16__
  __m512 sums[Rows][2];
  for (int r = 0; r < Rows; r++)
    for (int h = 0; h < 2; h++) sums[r][h] = add ? _mm512_loadu_ps(c + r * width + 16 * h) : _mm512_setzero_ps();
  for (int k = 0; k < count; k++, a += step, b += panelWidth) {
    const auto left = (__m512bh)_mm512_loadu_si512(b), right = (__m512bh)_mm512_loadu_si512(b + 16);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; r++) {
      const auto x = (__m512bh)_mm512_set1_epi32(static_cast<int>(a[r * row]));
      sums[r][0] = _mm512_dpbf16_ps(sums[r][0], x, left);
      sums[r][1] = _mm512_dpbf16_ps(sums[r][1], x, right);
    }
  }
  for (int r = 0; r < Rows; r++)
    for (int h = 0; h < 2; h++) _mm512_storeu_ps(c + r * width + 16 * h, sums[r][h]);
#else
  for (int r = 0; r < Rows; r++) {
    float sums[panelWidth] = {};
    for (int k = 0; k < count; k++)
      for (int n = 0; n < panelWidth; n++) sums[n] = pairProduct(a[k * step + r * row], b[k * panelWidth + n], sums[n]);
    for (int n = 0; n < panelWidth; n++) c[r * width + n] = sums[n] + (add ? c[r * width + n] : 0);
  }
#endif
}

// c (rows × columns, a multiple of 32) = or += a · b.
inline void multiply(int rows, int columns, const Packed& a, const Packed& b, float* c, bool add) {
  for (int from = 0; from < b.count; from += depth) {
    const int count = b.count - from < depth ? b.count - from : depth;
    const bool more = add || from > 0;
    for (int n = 0; n < columns; n += panelWidth) {
      const Pair* right = b.at(n) + static_cast<long>(from) * panelWidth;
      for (int m = 0; m < rows; m += tileRows) {
        const Pair* left = a.at(m) + from * a.step;
        float* to = c + static_cast<long>(m) * columns + n;
        switch (rows - m) {
          case 1: tile<1>(count, left, a.row, a.step, right, to, columns, more); break;
          case 2: tile<2>(count, left, a.row, a.step, right, to, columns, more); break;
          case 3: tile<3>(count, left, a.row, a.step, right, to, columns, more); break;
          case 4: tile<4>(count, left, a.row, a.step, right, to, columns, more); break;
          case 5: tile<5>(count, left, a.row, a.step, right, to, columns, more); break;
          case 6: tile<6>(count, left, a.row, a.step, right, to, columns, more); break;
          case 7: tile<7>(count, left, a.row, a.step, right, to, columns, more); break;
          default: tile<8>(count, left, a.row, a.step, right, to, columns, more);
        }
      }
    }
  }
}

// A float32 factor with any distance between its rows and columns.
struct View {
  const float* data;
  long row, column;
};

typedef float Wide __attribute__((vector_size(64), aligned(4)));

template <int Rows>
inline void smallTile(int from, int to, View a, int m, View b, int n, float* c, long width) {
  Wide sums[Rows][2] = {};
  for (int k = from; k < to; k++) {
    const auto* row = reinterpret_cast<const Wide*>(b.data + k * b.row + n);
    const Wide left = row[0], right = row[1];
#pragma GCC unroll 4
    for (int r = 0; r < Rows; r++) {
      const float x = a.data[(m + r) * a.row + k * a.column];
      sums[r][0] += x * left;
      sums[r][1] += x * right;
    }
  }
  for (int r = 0; r < Rows; r++)
    for (int h = 0; h < 2; h++) *reinterpret_cast<Wide*>(c + (m + r) * width + n + 16 * h) = sums[r][h];
}

// Which part of a product with a triangle of attention weights is not nought.
enum class Triangle { columnsBelow, sumBelow, sumAbove };

// c (rows × columns, a multiple of 32) = a · b, leaving out what the triangle leaves out. `b` has neighbouring columns.
inline void multiplySmall(Triangle triangle, int rows, int columns, int summed, View a, View b, float* c, long width) {
  for (int m = 0; m < rows; m += 4) {
    const int end = m + 4 < rows ? m + 4 : rows;
    const int from = triangle == Triangle::sumAbove ? m : 0, to = triangle == Triangle::sumBelow ? end : summed;
    for (int n = 0; n < columns; n += panelWidth) {
      if (triangle == Triangle::columnsBelow && n >= end) break;
      switch (end - m) {
        case 1: smallTile<1>(from, to, a, m, b, n, c, width); break;
        case 2: smallTile<2>(from, to, a, m, b, n, c, width); break;
        case 3: smallTile<3>(from, to, a, m, b, n, c, width); break;
        default: smallTile<4>(from, to, a, m, b, n, c, width);
      }
    }
  }
}
