// SPDX-License-Identifier: Apache-2.0
#include "service/download/ledger.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/observe/log.hpp"

namespace xgate::download {
namespace {

constexpr std::size_t max_questions = 4096;
constexpr std::size_t max_notes = 100'000;
constexpr int lookup_patience_ms = 5'000;
constexpr std::chrono::seconds log_again{60};
constexpr std::size_t max_logged = 1000;
/// Notes gather for so long: a device that fetches small parts costs a statement a while, not each.
constexpr std::chrono::milliseconds note_delay{200};

}  // namespace

std::shared_ptr<const File> File::open(const std::string& path, std::int64_t size) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || status.st_size != size) {
    ::close(descriptor);
    return nullptr;
  }
  return std::shared_ptr<const File>(new File(descriptor, status.st_mtime));
}

File::~File() { ::close(descriptor_); }

Ledger::Ledger(std::string conninfo, const store::DatabaseState& state,
               const firmware::ContentStore& files)
    : files_(files), database_(std::move(conninfo), "download", lookup_patience_ms, state) {}

Ledger::~Ledger() {
  stop();
  join();
}

void Ledger::start() {
  thread_ = std::thread([this] { run(); });
}

void Ledger::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void Ledger::join() {
  if (thread_.joinable()) thread_.join();
  questions_.clear();
}

bool Ledger::find(std::string down_id, std::function<void(Answer)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || questions_.size() >= max_questions) return false;
    questions_.push_back({std::move(down_id), std::move(then)});
  }
  wake_.notify_all();
  return true;
}

void Ledger::note(const store::Offer& offer, const store::Progress& progress) {
  {
    const std::lock_guard lock(mutex_);
    if (notes_.size() >= max_notes) return;  // the database is long away: a download goes on
    Note& note = notes_[offer.down_id];
    note.offer = offer;
    note.progress.add(progress);
    begun_ |= progress.started_at_ms != 0;
  }
  if (progress.started_at_ms != 0) wake_.notify_all();
}

/// Questions first: a device waits for their answers.
void Ledger::run() {
  auto notes_at = std::chrono::steady_clock::now();
  for (bool last = false; !last;) {
    std::optional<Question> question;
    std::map<std::string, Note> notes;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, note_delay,
                     [this] { return stopping_ || begun_ || !questions_.empty(); });
      last = stopping_;
      if (!questions_.empty()) {
        question = std::move(questions_.front());
        questions_.pop_front();
      }
      if (last || begun_ || std::chrono::steady_clock::now() - notes_at >= note_delay) {
        notes.swap(notes_);
        begun_ = false;
      }
    }
    if (question) question->then(answer(question->down_id));
    if (!notes.empty()) {
      write_notes(std::move(notes));
      notes_at = std::chrono::steady_clock::now();
    }
  }
}

Answer Ledger::answer(const std::string& down_id) {
  for (int attempt = 0; attempt < 2; ++attempt) {  // one that broke while idle says nothing
    const auto connection = database_.get();
    if (!connection) return {};
    auto use = store::find_offer(**connection, down_id);
    if (!use) {
      database_.note(use.error());
      if (use.error().connection_gone) continue;
      observe::warn("download: the database: {}", observe::Words(use.error().message));
      return {};
    }
    if (use->over) {
      log_over(down_id, *use->over);
      return {Found::over,
              {},
              std::move(use->address),
              std::move(use->over->state),
              use->over->begun_anew};
    }
    if (!use->offer) return {.found = Found::no};
    auto file = File::open(files_.path_of(use->offer->sha256), use->offer->size);
    if (!file) {
      observe::error("download: the firmware file {} is missing or damaged",
                     observe::Words(use->offer->sha256));
      return {};
    }
    return {.found = Found::yes,
            .download = {std::move(*use->offer), std::move(file)},
            .address = std::move(use->address)};
  }
  return {};
}

void Ledger::log_over(const std::string& down_id, const store::DownIdUse::Over& over) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(logged_, [&](const auto& entry) { return entry.second + log_again < now; });
  if (logged_.size() >= max_logged || !logged_.emplace(down_id, now).second) return;
  observe::info("download: {} asked for the image of upgrade job {}, which is over for it: {}",
                observe::Quoted(over.device), over.job_id, observe::Words(over.state));
}

/// What cannot be written now is written later, after what came meanwhile.
void Ledger::write_notes(std::map<std::string, Note> notes) {
  while (!notes.empty()) {
    const auto first = notes.begin();
    const auto connection = database_.get();
    if (!connection) break;
    const auto done =
        store::note_progress(**connection, first->second.offer, first->second.progress);
    if (!done) {
      database_.note(done.error());
      break;
    }
    notes.erase(first);
  }
  const std::lock_guard lock(mutex_);
  for (auto& [down_id, note] : notes) {
    Note& waiting = notes_[down_id];
    waiting.offer = note.offer;
    note.progress.add(waiting.progress);  // what came meanwhile is the later
    waiting.progress = note.progress;
  }
}

}  // namespace xgate::download
