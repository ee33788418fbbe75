// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/download.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <openssl/evp.h>

#include "cli/curl_handles.hpp"
#include "cli/http_client.hpp"
#include "protocol/aes.hpp"

namespace xgate::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

using Clock = std::chrono::steady_clock;

/// Before each attempt: a cut is taken up at once, a server that is away gets time to come back.
constexpr std::array<std::chrono::milliseconds, 9> pauses{0ms,    0ms,    500ms,   1000ms, 2000ms,
                                                          4000ms, 8000ms, 15000ms, 15000ms};
constexpr long most_at_once = 200;
constexpr long connect_seconds = 10;
constexpr long silent_seconds = 30;
constexpr int poll_ms = 1000;

struct DigestDeleter {
  void operator()(EVP_MD_CTX* digest) const noexcept { EVP_MD_CTX_free(digest); }
};

/// One image on its way. Only the worker's thread touches it.
struct Transfer {
  DownloadRequest request;
  Downloads::Done done;
  CurlTransfer easy{curl_easy_init()};
  std::unique_ptr<EVP_MD_CTX, DigestDeleter> digest{EVP_MD_CTX_new()};
  std::int64_t received = 0;
  std::int64_t asked_from = 0;
  std::size_t attempts = 0;
  Clock::time_point due;  ///< of the next attempt, while it pauses
  bool resumed = false;
  bool too_long = false;
  bool status_checked = false;
  std::string etag;  ///< of the image as it was first sent; strong ones only
  CurlHeaders headers;

  void restart_digest() {
    EVP_DigestInit_ex(digest.get(), EVP_md5(), nullptr);
    received = 0;
  }

  bool take(std::string_view part) {
    if (!status_checked) {
      status_checked = true;
      long status = 0;
      curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
      if (asked_from > 0 && status == 200) restart_digest();  // the server began anew
      if (asked_from > 0 && status == 206) resumed = true;
      curl_header* header = nullptr;
      if (etag.empty() &&
          curl_easy_header(easy.get(), "ETag", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
          header->value[0] == '"')
        etag = header->value;
    }
    const bool cut = request.cut_after > 0 && attempts == 1;
    if (cut && received + static_cast<std::int64_t>(part.size()) > request.cut_after)
      part = part.substr(0, static_cast<std::size_t>(request.cut_after - received));
    received += static_cast<std::int64_t>(part.size());
    EVP_DigestUpdate(digest.get(), part.data(), part.size());
    too_long = received > request.size;
    return !too_long && !(cut && received >= request.cut_after);
  }

  Downloaded result() {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(digest.get(), bytes, &size);
    return {received, protocol::to_upper_hex({bytes, size}), resumed};
  }
};

std::size_t on_part(char* bytes, std::size_t, std::size_t size, void* user) {
  return static_cast<Transfer*>(user)->take({bytes, size}) ? size : 0;
}

}  // namespace

class Downloads::Worker {
 public:
  explicit Worker(asio::any_io_executor executor) : executor_(std::move(executor)) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, most_at_once);
    thread_ = std::thread([this] { run(); });
  }
  ~Worker() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    curl_multi_wakeup(multi_);
    thread_.join();
    for (const auto& [easy, transfer] : transfers_) curl_multi_remove_handle(multi_, easy);
    transfers_.clear();
    pausing_.clear();
    curl_multi_cleanup(multi_);
    curl_global_cleanup();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void begin(DownloadRequest request, Done done) {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->done = std::move(done);
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_);
  }

 private:
  void run() {
    while (take_waiting()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left))
        if (message->msg == CURLMSG_DONE) ended(message->easy_handle, message->data.result);
      curl_multi_poll(multi_, nullptr, 0, attempt_due(), nullptr);
    }
  }

  /// Milliseconds until the next one is, a second at most.
  int attempt_due() {
    const auto now = Clock::now();
    auto wait = std::chrono::milliseconds(poll_ms);
    for (auto each = pausing_.begin(); each != pausing_.end();) {
      const auto next = std::next(each);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(each->second->due - now);
      if (left <= 0ms) {
        attempt(*each->second);
        transfers_.insert(pausing_.extract(each));
        wait = 0ms;
      }
      wait = std::min(wait, std::max(left, 0ms));
      each = next;
    }
    return static_cast<int>(wait.count());
  }

  bool take_waiting() {
    std::vector<std::unique_ptr<Transfer>> fresh;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return false;
      fresh.swap(waiting_);
    }
    for (auto& transfer : fresh) {
      transfer->restart_digest();
      CURL* easy = transfer->easy.get();
      attempt(*transfer);
      transfers_.emplace(easy, std::move(transfer));
    }
    return true;
  }

  void attempt(Transfer& transfer) {
    CURL* easy = transfer.easy.get();
    ++transfer.attempts;
    transfer.asked_from = transfer.received;
    transfer.status_checked = false;
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "xgate simulate");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, connect_seconds);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, silent_seconds);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_part);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    if (transfer.received > 0) {
      // Not RESUME_FROM: a server that begins anew is no error (If-Range).
      curl_easy_setopt(easy, CURLOPT_RANGE, (std::to_string(transfer.received) + "-").c_str());
      if (!transfer.etag.empty())
        transfer.headers.reset(curl_slist_append(nullptr, ("If-Range: " + transfer.etag).c_str()));
      curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
    }
    if (is_loopback(transfer.request.url)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_multi_add_handle(multi_, easy);
  }

  void ended(CURL* easy, CURLcode code) {
    curl_multi_remove_handle(multi_, easy);
    const auto found = transfers_.find(easy);
    Transfer& transfer = *found->second;
    // What the server refuses it refuses again; a cut is taken up where it happened.
    const bool refused =
        (code == CURLE_HTTP_RETURNED_ERROR && status_of(easy) != 503) || transfer.too_long;
    const bool whole = transfer.received == transfer.request.size;
    if (code != CURLE_OK && !refused && !whole && transfer.attempts < pauses.size()) {
      transfer.due = Clock::now() + pauses.at(transfer.attempts);
      pausing_.insert(transfers_.extract(found));
      return;
    }
    tl::expected<Downloaded, std::string> result =
        code == CURLE_OK || whole
            ? tl::expected<Downloaded, std::string>(transfer.result())
            : tl::unexpected(transfer.too_long ? "the image is longer than SoftSize"
                                               : reason(easy, code));
    asio::post(executor_, [done = std::move(transfer.done), result = std::move(result)]() mutable {
      done(std::move(result));
    });
    transfers_.erase(found);
  }

  static long status_of(CURL* easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  static std::string reason(CURL* easy, CURLcode code) {
    if (code == CURLE_HTTP_RETURNED_ERROR) return "HTTP " + std::to_string(status_of(easy));
    return curl_easy_strerror(code);
  }

  asio::any_io_executor executor_;
  CURLM* multi_ = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers_;
  std::map<CURL*, std::unique_ptr<Transfer>> pausing_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Transfer>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

Downloads::Downloads(asio::any_io_executor executor)
    : worker_(std::make_unique<Worker>(std::move(executor))) {}
Downloads::~Downloads() = default;

void Downloads::begin(DownloadRequest request, Done done) {
  worker_->begin(std::move(request), std::move(done));
}

}  // namespace xgate::cli
