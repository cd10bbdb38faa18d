// Trains the guide on conversations read from stdin; `trainer/train.py` starts it. Goes on from the last checkpoint in its folder.
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <thread>

#include "corpus.hpp"
#include "muon.hpp"
#include "worker.hpp"

namespace fs = std::filesystem;

struct Options {
  std::map<std::string, std::string> given;

  Options(int count, char** words) {
    for (int i = 1; i + 1 < count; i += 2) given[words[i] + 2] = words[i + 1];
  }
  double operator[](const std::string& name) const { return std::stod(text(name)); }
  const std::string& text(const std::string& name) const {
    const auto found = given.find(name);
    if (found == given.end()) throw std::invalid_argument("--" + name + " is missing");
    return found->second;
  }
  int whole(const std::string& name) const { return int((*this)[name]); }
};

struct Progress {
  long step = 0, seen = 0;
  double seconds = 0;
};

struct Training {
  Shape shape;
  Layout layout{shape};
  Floats weights = Floats(layout.size);
  Optimizer optimizer;
  Progress progress;

  Training(const Shape& shape, float rate, float adamRate) : shape(shape), optimizer{rate, adamRate, Floats(layout.size), Floats(layout.size)} {}

  // All weights as they are before the training, in the order of the layout; `trainer/beginning.py` makes them.
  void begin(const fs::path& file) {
    if (!fs::exists(file) || fs::file_size(file) != layout.size * sizeof(float)) throw std::runtime_error(file.string() + " does not hold the weights of this shape");
    std::FILE* from = std::fopen(file.c_str(), "rb");
    const bool whole = from != nullptr && std::fread(weights.data(), sizeof(float), layout.size, from) == std::size_t(layout.size);
    if (from != nullptr) std::fclose(from);
    if (!whole) throw std::runtime_error("cannot read " + file.string());
  }

  // The checkpoint, and the weights alone as the point that this stretch has come to, without the head that only the training needs.
  void save(const fs::path& folder, int stretch) const {
    write(folder / ("point-" + std::to_string(stretch) + ".f32"), [&](std::FILE* file) { put(file, weights.data(), layout.intent); });
    write(folder / "checkpoint.bin", [&](std::FILE* file) {
      if (std::fwrite(&progress, sizeof progress, 1, file) != 1) throw std::runtime_error("cannot write the checkpoint");
      for (const Floats* part : {&weights, &optimizer.first, &optimizer.second}) put(file, part->data(), layout.size);
    });
  }

  bool restore(const fs::path& file) {
    if (!fs::exists(file)) return false;
    if (fs::file_size(file) != sizeof progress + 3 * layout.size * sizeof(float)) throw std::runtime_error("the checkpoint is of another shape");
    std::FILE* from = std::fopen(file.c_str(), "rb");
    bool whole = from != nullptr && std::fread(&progress, sizeof progress, 1, from) == 1;
    for (Floats* part : {&weights, &optimizer.first, &optimizer.second}) whole = whole && std::fread(part->data(), sizeof(float), layout.size, from) == std::size_t(layout.size);
    if (from != nullptr) std::fclose(from);
    if (!whole) throw std::runtime_error("cannot read the checkpoint");
    return true;
  }

 private:
  static void put(std::FILE* file, const float* from, long count) {
    if (std::fwrite(from, sizeof(float), count, file) != std::size_t(count)) throw std::runtime_error("cannot write the weights");
  }

  template <typename Write>
  static void write(const fs::path& name, Write&& content) {
    const fs::path part = name.string() + ".part";
    std::FILE* file = std::fopen(part.c_str(), "wb");
    if (file == nullptr) throw std::runtime_error("cannot write " + part.string());
    content(file);
    std::fclose(file);
    fs::rename(part, name);
  }
};

// The part of the full rate at each time: one long stretch and several short ones, each down to nothing in a straight line. The mean of
// the points that the stretches come to errs less than the last of them (P. Izmailov and others, "Averaging Weights Leads to Wider Optima", 2018).
class Schedule {
 public:
  explicit Schedule(const Options& options) : decayFrom(options["decay-from"]), restarts(options.whole("restarts")), length(options["restart-length"]), rate(options["restart-rate"]) {
    if (restarts < 0 || length <= 0 || restarts * length >= 1) throw std::runtime_error("the restarts leave nothing for the first stretch");
  }

  // Which stretch it is, from 0, when `done` of all is done.
  int stretch(double done) const { return std::clamp(int(std::floor((done - first()) / length)) + 1, 0, restarts); }

  // Warm-up over the first steps; the first stretch has the full rate for its first `decayFrom`.
  double share(long step, double done) const {
    constexpr double warmUp = 50;
    const int now = stretch(done);
    const double left = now == 0 ? (1 - done / first()) / (1 - decayFrom) : (1 - (done - first()) / length + (now - 1)) * rate;
    return std::min(1.0, (step + 1) / warmUp) * std::clamp(left, 0.0, 1.0);
  }

 private:
  double decayFrom;
  int restarts;
  double length, rate;

  double first() const { return 1 - restarts * length; }
};

class Trainer {
 public:
  Trainer(Training& training, const Options& options, int threads)
      : training(training), options(options), schedule(options), threads(threads), rope(training.shape.width / training.shape.heads, training.shape.context), meeting(threads) {
    for (int i = 0; i < threads; i++) workers.emplace_back(training.shape, training.layout, rope);
    losses.resize(threads);
  }

  void run() {
    seenBefore = training.progress.seen, secondsBefore = training.progress.seconds;
    std::vector<std::thread> others;
    for (int i = 1; i < threads; i++) others.emplace_back([this, i] { work(i); });
    work(0);
    for (auto& other : others) other.join();
  }

 private:
  Training& training;
  const Options& options;
  const Schedule schedule;
  int threads;
  int stretch = 0;
  Rope rope;
  Factors factors;
  std::deque<Worker> workers;
  std::barrier<> meeting;
  Corpus corpus{stdin};
  std::deque<Chunk> chunks;
  std::vector<Loss> losses;
  std::atomic<int> packed = 0, learnt = 0, stepped = 0;
  bool ended = false;
  double share = 0, wordShare = 0, intentShare = 0, smoothWords = -1, smoothIntents = -1;
  long words = 0, asked = 0, seenBefore = 0;
  double secondsBefore = 0;
  const std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();

  void work(int thread) {
    while (true) {
      if (thread == 0) prepare();
      meeting.arrive_and_wait();
      if (ended) return;
      for (int part; (part = packed++) < Factors::parts(training.shape);) factors.take(training.shape, training.layout, training.weights.data(), part);
      meeting.arrive_and_wait();
      for (int chunk; (chunk = learnt++) < int(chunks.size());) {
        const Loss loss = workers[thread].learn(chunks[chunk], training.weights.data(), factors, float(wordShare), float(intentShare));
        losses[thread].words += loss.words, losses[thread].intents += loss.intents;
      }
      meeting.arrive_and_wait();
      for (int tensor; (tensor = stepped++) < int(training.layout.tensors.size());) step(training.layout.tensors[tensor]);
      meeting.arrive_and_wait();
      if (thread == 0) finish();
    }
  }

  void save() const { training.save(options.text("folder"), stretch); }

  double secondsHere() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(); }

  void prepare() {
    const double done = std::max(training.progress.seen / options["tokens"], (secondsBefore + secondsHere()) / 60 / options["minutes"]);
    const bool more = training.progress.seen > seenBefore, over = done >= 1 || !corpus.next(long(options["batch"]), long(options["chunk"]), chunks);
    const int next = schedule.stretch(done);
    if (more && (over || next != stretch)) save();
    stretch = next;
    if (over) {
      ended = true;
      return;
    }
    share = schedule.share(training.progress.step, done);
    words = asked = 0;
    for (const Chunk& chunk : chunks) words += long(chunk.taught.size()), asked += long(chunk.asked.size());
    wordShare = 1.0 / std::max(1L, words), intentShare = 1.0 / std::max(1L, asked);
    std::fill(losses.begin(), losses.end(), Loss{});
    factors.layers.resize(training.shape.layers);
    packed = learnt = stepped = 0;
  }

  void step(const Tensor& tensor) {
    float* sum = workers[0].gradient.data() + tensor.from;
    for (int other = 1; other < threads; other++) {
      float* part = workers[other].gradient.data() + tensor.from;
      for (long i = 0; i < tensor.size(); i++) sum[i] += part[i];
      std::fill_n(part, tensor.size(), 0.0f);
    }
    training.optimizer.step(tensor, training.weights.data(), sum, training.progress.step + 1, float(share));
    std::fill_n(sum, tensor.size(), 0.0f);
  }

  void finish() {
    Progress& progress = training.progress;
    Loss total;
    for (const Loss& loss : losses) total.words += loss.words * wordShare, total.intents += loss.intents * intentShare;
    smoothWords = smoothWords < 0 ? total.words : smoothWords * 0.95 + total.words * 0.05;
    smoothIntents = smoothIntents < 0 ? total.intents : smoothIntents * 0.95 + total.intents * 0.05;
    progress.step++;
    for (const Chunk& chunk : chunks) progress.seen += long(chunk.tokens.size());
    progress.seconds = secondsBefore + secondsHere();
    if (progress.step % 20 == 0) {
      std::printf("{\"step\": %ld, \"tokens\": %ld, \"loss\": %.4f, \"intent_loss\": %.4f, \"seconds\": %.0f, \"speed\": %.0f}\n", progress.step, progress.seen, smoothWords,
                  smoothIntents, progress.seconds, (progress.seen - seenBefore) / secondsHere());
      std::fflush(stdout);
    }
    if (progress.step % options.whole("save-every") == 0) save();
  }
};

// The loss and the gradient of one batch, for a comparison with another implementation.
void check(const Training& training, const Options& options) {
  Corpus corpus(stdin);
  std::deque<Chunk> chunks;
  if (!corpus.next(1, 1 << 30, chunks)) throw std::runtime_error("no conversation to check with");
  Rope rope(training.shape.width / training.shape.heads, training.shape.context);
  Factors factors;
  for (int part = 0; part < Factors::parts(training.shape); part++) factors.take(training.shape, training.layout, training.weights.data(), part);
  Worker worker(training.shape, training.layout, rope);
  const Loss loss = worker.learn(chunks[0], training.weights.data(), factors, 1, 1);
  std::FILE* file = std::fopen((fs::path(options.text("folder")) / "gradient.f32").c_str(), "wb");
  std::fwrite(worker.gradient.data(), sizeof(float), training.layout.size, file);
  std::fclose(file);
  std::printf("%.6f %.6f\n", loss.words, loss.intents);
}

int main(int count, char** words) try {
  const Options options(count, words);
  const Shape shape{options.whole("vocabulary"), options.whole("width"), options.whole("layers"), options.whole("heads"),
                    options.whole("inner"), options.whole("context"), options.whole("intents")};
  Training training(shape, float(options["rate"]), float(options["adam-rate"]));
  const fs::path folder = options.text("folder");
  if (!training.restore(folder / "checkpoint.bin")) training.begin(folder / "beginning.f32");
  if (options.given.contains("check")) check(training, options);
  else Trainer(training, options, options.whole("threads")).run();
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
