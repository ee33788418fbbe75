// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "service/download/guess_limit.hpp"
#include "service/download/ledger.hpp"
#include "service/download/range.hpp"
#include "service/observe/limits.hpp"
#include "service/observe/metrics.hpp"
#include "service/web/callers.hpp"
#include "service/web/places.hpp"
#include "service/web/stream.hpp"

namespace xgate::download {

/// What the sessions of one server share. On its network thread alone.
struct Shared {
  Ledger& ledger;
  observe::Metrics& metrics;
  observe::Limits& limits;
  std::chrono::seconds header_time;
  GuessLimit guesses;
  web::Callers callers;
  bool stopping = false;
  /// What a look-up said, for a moment: a device that fetches small parts asks for each.
  struct Known {
    Download download;
    std::string address;  ///< the device's
    std::chrono::steady_clock::time_point until;
  };
  std::unordered_map<std::string, Known> known;
};

/// One connection: requests one after another, each answered from a file: by sendfile(2), or
/// through TLS.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Left = std::function<void(Session*)>;
  Session(boost::asio::ip::tcp::socket socket, web::Certificate::Context tls,
          std::unique_ptr<web::Place> place, std::shared_ptr<Shared> shared, Left left);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void begin();
  void close();

 private:
  void read_request();
  /// LIMIT-11: from now on, a whole header has to be there in time.
  void limit_header();
  void too_late();
  void read_request_line();
  void on_request(const boost::system::error_code& error);
  void look_up(const std::string& down_id);
  void on_answer(const std::string& down_id, Answer answer);
  /// True: its address guesses too much, and is told to wait.
  bool held_off(const std::string& down_id, const std::string& device_address);
  std::string address() const;  ///< of the client
  void serve(Download download);
  void refuse(int status, const std::string& sentence, int retry_after_s = 1);
  void write_header(std::string header);
  void send_file();
  void send_piece();  ///< of the file, by TLS
  /// So much more of the file is on its way.
  void note_sent(std::int64_t count);
  void wait_for_room();
  void finish();
  void drain();
  void count_sent();
  void limit(std::chrono::seconds patience);
  std::string common_header(int status) const;

  web::Stream stream_;
  const std::unique_ptr<web::Place> place_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Shared> shared_;
  const Left left_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  bool header_is_limited_ = false;
  bool timed_out_ = false;
  bool head_ = false;
  bool keep_alive_ = false;
  std::string header_;
  std::vector<char> piece_;
  std::optional<Download> download_;
  std::int64_t offset_ = 0;
  std::int64_t left_to_send_ = 0;
  std::int64_t sent_ = 0;  ///< of this answer
};

}  // namespace xgate::download
