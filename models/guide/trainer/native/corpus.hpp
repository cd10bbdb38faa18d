// Conversations as `trainer/corpus.py` writes them: 16-bit numbers, the machine's byte order. Each: how many tokens, how many places where an
// answer begins; the tokens, the highest bit set where the guide speaks; then pairs of a place and what its question is about.
#pragma once
#include <cstdio>
#include <deque>

#include "model.hpp"

class Corpus {
 public:
  explicit Corpus(std::FILE* file) : file(file) {}

  // About `tokens` tokens as chunks of about `chunkTokens`; conversations longer than a chunk have one to themselves. False at the end.
  bool next(long tokens, long chunkTokens, std::deque<Chunk>& chunks) {
    chunks.clear();
    for (long taken = 0; taken < tokens;) {
      if (!read()) return false;
      if (chunks.empty() || long(chunks.back().tokens.size() + count) > chunkTokens) {
        chunks.emplace_back();
        chunks.back().starts.push_back(0);
      }
      add(chunks.back());
      taken += count;
    }
    return true;
  }

 private:
  std::FILE* file;
  std::vector<std::uint16_t> numbers;
  std::size_t count = 0, asked = 0;

  bool read() {
    std::uint16_t head[2];
    if (std::fread(head, 2, 2, file) != 2) return false;
    count = head[0], asked = head[1];
    numbers.resize(count + 2 * asked);
    return std::fread(numbers.data(), 2, numbers.size(), file) == numbers.size();
  }

  void add(Chunk& to) const {
    const int start = int(to.tokens.size());
    for (std::size_t i = 0; i < count; i++) {
      to.tokens.push_back(numbers[i] & 0x7fff);
      if (i > 0 && (numbers[i] & 0x8000)) to.taught.push_back(start + int(i) - 1);
    }
    for (std::size_t i = 0; i < asked; i++) {
      to.asked.push_back(start + numbers[count + 2 * i]);
      to.intents.push_back(numbers[count + 2 * i + 1]);
    }
    to.starts.push_back(int(to.tokens.size()));
  }
};
