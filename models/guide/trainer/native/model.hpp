// A transformer of the Llama family (RMSNorm, rotary positions, SwiGLU, tied embeddings): its shape, its weights, and what it reads.
#pragma once
#include <string>

#include "layers.hpp"

struct Shape {
  int vocabulary, width, layers, heads, inner, context, intents;
};

// Where a matrix or a vector of weights lies; `columns` is what is summed over.
struct Tensor {
  std::string name;
  long from;
  int rows, columns;
  bool matrix;  // a matrix between states: trained by Muon
  bool writes;  // what it gives is added to the states
  long size() const { return long(rows) * columns; }
};

// The order of the weights in memory and in files: the names are llama.cpp's.
struct Layout {
  struct Layer {
    long attentionNorm, qkv, output, feedForwardNorm, gateUp, down;
  };
  std::vector<Tensor> tensors;
  std::vector<Layer> layers;
  long embedding, outputNorm, intent, size = 0;

  explicit Layout(const Shape& shape) {
    const int width = shape.width, inner = shape.inner;
    embedding = add("token_embd", shape.vocabulary, width);
    for (int i = 0; i < shape.layers; i++) {
      const std::string block = "blk." + std::to_string(i) + ".";
      Layer layer;
      layer.attentionNorm = add(block + "attn_norm", 1, width);
      layer.qkv = add(block + "attn_q", width, width, true);
      add(block + "attn_k", width, width, true);
      add(block + "attn_v", width, width, true);
      layer.output = add(block + "attn_output", width, width, true);
      layer.feedForwardNorm = add(block + "ffn_norm", 1, width);
      layer.gateUp = add(block + "ffn_gate", inner, width, true);
      add(block + "ffn_up", inner, width, true);
      layer.down = add(block + "ffn_down", width, inner, true);
      layers.push_back(layer);
    }
    outputNorm = add("output_norm", 1, width);
    // For training only: what the question is about, read where the answer begins, from the middle of the model.
    intent = add("intent", shape.intents, width);
  }

 private:
  long add(const std::string& name, int rows, int columns, bool matrix = false) {
    tensors.push_back({name, size, rows, columns, matrix, name.ends_with("attn_output") || name.ends_with("ffn_down")});
    size += tensors.back().size();
    return tensors.back().from;
  }
};

// The large matrices as factors: `forward` for states times the transpose, `backward` for gradients times the matrix.
struct Factors {
  struct Both {
    Packed forward, backward;
    void take(const float* weights, int rows, int columns) {
      packTransposed(weights, rows, columns, forward);
      packColumns(weights, rows, columns, backward);
    }
  };
  struct Layer {
    Both qkv, output, gateUp, down;
  };
  std::vector<Layer> layers;
  Both embedding, intent;

  // Part `part` of `parts(shape)`: several threads may each take some.
  static int parts(const Shape& shape) { return shape.layers * 4 + 2; }
  void take(const Shape& shape, const Layout& layout, const float* weights, int part) {
    layers.resize(shape.layers);
    if (part == shape.layers * 4) return embedding.take(weights + layout.embedding, shape.vocabulary, shape.width);
    if (part > shape.layers * 4) return intent.take(weights + layout.intent, shape.intents, shape.width);
    const auto& from = layout.layers[part / 4];
    auto& to = layers[part / 4];
    if (part % 4 == 0) to.qkv.take(weights + from.qkv, 3 * shape.width, shape.width);
    if (part % 4 == 1) to.output.take(weights + from.output, shape.width, shape.width);
    if (part % 4 == 2) to.gateUp.take(weights + from.gateUp, 2 * shape.inner, shape.width);
    if (part % 4 == 3) to.down.take(weights + from.down, shape.width, shape.inner);
  }
};

// Some conversations, one behind the other.
struct Chunk {
  std::vector<int> tokens;
  std::vector<int> starts;  // where each conversation begins, and at last the end
  std::vector<int> taught;  // places whose next token is the guide's
  std::vector<int> asked, intents;  // places where an answer begins, and what its question is about

  void clear() {
    for (auto* list : {&tokens, &starts, &taught, &asked, &intents}) list->clear();
  }
};
