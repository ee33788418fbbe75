// SPDX-License-Identifier: Apache-2.0
#include "service/store/ticks.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/service/store/ticks_fixture.hpp"

namespace xgate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> products{"AA000001", "AA000002"};
constexpr int devices_of_product = 3;

/// A table of the record, and how it is read. A row's name is its own: a message's topic, a
/// refusal's username.
struct NamedPage {
  std::vector<std::string> names;
  Position position;
  std::int64_t before = 0;
  bool more = false;
};
struct Record {
  /// "INSERT …" up to the product, the NodeEui and the name.
  std::string insert;
  std::function<NamedPage(pg::Connection&, const RecordFilter&, const Backwards&)> read_back;
  std::function<NamedPage(pg::Connection&, const RecordFilter&, const Position&, int)> follow;
};

std::string name_of(const LoggedMessage& row) { return row.topic; }
std::string name_of(const LoggedRefusal& row) { return row.refusal.username; }

template <class Row>
std::vector<std::string> names_of(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(name_of(row));
  return names;
}

template <class Row>
Record record_of(const std::string& insert) {
  return {
      insert,
      [](pg::Connection& connection, const RecordFilter& filter, const Backwards& from) {
        const auto older = good(read_older<Row>(connection, filter, from));
        return NamedPage{names_of(older.rows), {}, older.before, older.more};
      },
      [](pg::Connection& connection, const RecordFilter& filter, const Position& after, int limit) {
        const auto newer = good(read_newer<Row>(connection, filter, after, limit));
        return NamedPage{names_of(newer.rows), newer.position, 0, newer.more};
      }};
}

const Record& messages() {
  static const auto record = record_of<LoggedMessage>(
      "INSERT INTO message (received_at, raw, product_id, node_eui, topic) VALUES (now(), '', ");
  return record;
}
const Record& refusals() {
  static const auto record = record_of<LoggedRefusal>(
      "INSERT INTO refusal (refused_at, what, broker, client_id, address, requirement, reason, "
      "product_id, node_eui, username) VALUES (now(), 'login', 'b', 'c', 'a', 'V2-4', 'r', ");
  return record;
}

void write_row(pg::Connection& connection, const Record& record, const RecordFilter& device,
               const std::string& name) {
  run(connection,
      record.insert + "'" + *device.product_id + "', '" + *device.node_eui + "', '" + name + "')");
}

/// What was committed: by name, when its transaction began and when it had committed, on one clock.
struct Committed {
  std::int64_t began = 0;
  std::int64_t ended = 0;
  RecordFilter device;
};
class Ledger {
 public:
  std::int64_t now() { return ++clock_; }
  void add(const std::vector<std::string>& names, const Committed& what,
           const RecordFilter& device) {
    const std::lock_guard lock(mutex_);
    for (const auto& name : names) rows_.emplace(name, Committed{what.began, what.ended, device});
  }
  const std::map<std::string, Committed>& rows() const { return rows_; }

 private:
  std::atomic<std::int64_t> clock_{0};
  std::mutex mutex_;
  std::map<std::string, Committed> rows_;
};

/// Writes in transactions that take another's time, abort, or stay open for long, as its seed says;
/// now and then to the other table as well, which draws the same sequences.
class Writer {
 public:
  Writer(const std::string& conninfo, const Record& record, int number, std::uint32_t seed,
         Ledger& ledger)
      : connection_(connect(conninfo)),
        record_(record),
        other_(&record == &messages() ? refusals() : messages()),
        number_(number),
        random_(seed),
        ledger_(ledger) {}

  void write(int transactions) {
    for (int i = 0; i < transactions; ++i) one_transaction();
  }

 private:
  int upto(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }
  void dawdle(int most_ms) {
    std::this_thread::sleep_for(std::chrono::milliseconds(upto(most_ms)));
  }

  void one_transaction() {
    Committed what;
    what.began = ledger_.now();
    const bool is_long = upto(7) == 0;
    const RecordFilter device{products[static_cast<std::size_t>(upto(1))],
                              "dev" + std::to_string(upto(devices_of_product - 1))};
    std::vector<std::string> names;
    run(connection_, "BEGIN");
    // Presence, keys and the like come first: the transaction has its id long before its sequences.
    if (upto(1) == 0) run(connection_, "INSERT INTO elsewhere VALUES (1)");
    dawdle(4);
    for (int parts = 1 + upto(2); parts > 0; --parts) {
      write_rows(device, names);
      dawdle(is_long ? 400 : 4);
    }
    if (upto(5) == 0) {
      run(connection_, "ROLLBACK");
      return;
    }
    run(connection_, "COMMIT");
    what.ended = ledger_.now();
    ledger_.add(names, what, device);
  }

  void write_rows(const RecordFilter& device, std::vector<std::string>& names) {
    for (int rows = 1 + upto(3); rows > 0; --rows) {
      if (upto(3) == 0) write_row(connection_, other_, device, "of the other table");
      names.push_back(std::to_string(number_) + "/" + std::to_string(++written_));
      write_row(connection_, record_, device, names.back());
    }
  }

  pg::Connection connection_;
  const Record& record_;
  const Record& other_;
  const int number_;
  std::mt19937 random_;
  Ledger& ledger_;
  int written_ = 0;
};

/// Makes ticks until it goes away, as each service does.
class Ticking {
 public:
  explicit Ticking(const std::string& conninfo)
      : thread_([this, conninfo] {
          auto connection = connect(conninfo);
          for (int i = 0; !ended_; ++i) {
            good(make_tick(connection, 4));
            if (i % 50 == 0) good_void(summarize_messages(connection));
            std::this_thread::sleep_for(std::chrono::milliseconds(i % 8 == 0 ? 40 : 5));
          }
        }) {}
  ~Ticking() {
    ended_ = true;
    thread_.join();
  }
  Ticking(const Ticking&) = delete;
  Ticking& operator=(const Ticking&) = delete;

 private:
  static void good_void(const pg::Result<void>& result) {
    if (!result) throw std::runtime_error(result.error().message);
  }
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// One who reads on and on; as one who comes back, he keeps his position as text only.
class Reader {
 public:
  Reader(const std::string& conninfo, const Record& record, RecordFilter filter, int limit)
      : connection_(connect(conninfo)),
        record_(record),
        filter_(std::move(filter)),
        limit_(limit) {}

  void begin_at_the_earliest() { position_ = to_text(good(earliest_position(connection_))); }
  /// All pages of what is there, newest first; then to follow from there.
  void read_what_is_there(std::vector<std::string>& names) {
    const auto present = good(present_position(connection_));
    position_ = to_text(present);
    Backwards from{.seen = *present.seen, .before = std::nullopt, .limit = limit_};
    for (bool more = true; more;) {
      const auto older = record_.read_back(connection_, filter_, from);
      names.insert(names.end(), older.names.begin(), older.names.end());
      from.before = older.before;
      more = older.more;
    }
  }
  void read_on(std::vector<std::string>& names) {
    for (bool more = true; more;) {
      const auto position = position_from(position_).value();
      ASSERT_TRUE(good(is_kept(connection_, position)));
      const auto page = record_.follow(connection_, filter_, position, limit_);
      names.insert(names.end(), page.names.begin(), page.names.end());
      position_ = to_text(page.position);
      more = page.more;
    }
  }
  const RecordFilter& filter() const { return filter_; }

 private:
  pg::Connection connection_;
  const Record& record_;
  const RecordFilter filter_;
  const int limit_;
  std::string position_;
};

bool is_of(const RecordFilter& filter, const RecordFilter& device) {
  return (!filter.product_id || filter.product_id == device.product_id) &&
         (!filter.node_eui || filter.node_eui == device.node_eui);
}

/// Every committed row of the reader's once, and none that is not.
void expect_complete(const std::vector<std::string>& names, const RecordFilter& filter,
                     const Ledger& ledger, const std::string& who) {
  std::multiset<std::string> expected;
  for (const auto& [name, what] : ledger.rows()) {
    if (is_of(filter, what.device)) expected.insert(name);
  }
  const std::multiset<std::string> read(names.begin(), names.end());
  std::vector<std::string> missing;
  std::set_difference(expected.begin(), expected.end(), read.begin(), read.end(),
                      std::back_inserter(missing));
  std::vector<std::string> surplus;
  std::set_difference(read.begin(), read.end(), expected.begin(), expected.end(),
                      std::back_inserter(surplus));
  EXPECT_THAT(missing, IsEmpty()) << who;
  EXPECT_THAT(surplus, IsEmpty()) << who << ": not committed, or read twice";
}

/// Whoever began after another had committed comes after it.
void expect_ordered(const std::vector<std::string>& names, const Ledger& ledger,
                    const std::string& who) {
  std::int64_t latest_begin = 0;
  for (const auto& name : names) {
    const auto& what = ledger.rows().at(name);
    ASSERT_GE(what.ended, latest_begin)
        << who << ": " << name << " comes after one that began when it had committed";
    latest_begin = std::max(latest_begin, what.began);
  }
}

struct Following {
  std::string who;
  Reader reader;
  std::vector<std::string> names;
  std::size_t listed = 0;  ///< of these: newest first
};

struct Run {
  const Record& record;
  int tickers;  ///< services
  std::uint32_t seed;
};
class Ticks : public ::testing::TestWithParam<Run> {
 protected:
  void follow_from_the_earliest(const std::string& who, const RecordFilter& filter, int limit) {
    readers_.push_back({who, {conninfo_, GetParam().record, filter, limit}, {}, 0});
    readers_.back().reader.begin_at_the_earliest();
  }
  void list_and_follow(const RecordFilter& filter, int limit) {
    readers_.push_back({"one who lists and follows, pages of " + std::to_string(limit),
                        {conninfo_, GetParam().record, filter, limit},
                        {},
                        0});
    auto& reader = readers_.back();
    reader.reader.read_what_is_there(reader.names);
    reader.listed = reader.names.size();
  }
  void read_on() {
    for (auto& reader : readers_) reader.reader.read_on(reader.names);
  }
  /// Writers, tickers and readers at once.
  void write_and_read() {
    std::vector<std::unique_ptr<Ticking>> tickers(static_cast<std::size_t>(GetParam().tickers));
    for (auto& ticker : tickers) ticker = std::make_unique<Ticking>(conninfo_);
    std::atomic<int> writing{6};
    std::vector<std::thread> writers;
    for (int i = 0; i < 6; ++i) {
      writers.emplace_back([&, i] {
        const auto seed = GetParam().seed * 100 + static_cast<std::uint32_t>(i);
        Writer(conninfo_, GetParam().record, i, seed, ledger_).write(60);
        --writing;
      });
    }
    for (std::size_t round = 0; writing > 0; ++round) {
      read_on();
      const bool in_the_middle = round >= 3 && readers_.size() < 60;
      if (in_the_middle) list_and_follow(filters_[round % 3], round % 2 == 0 ? 1 : 5);
    }
    for (auto& writer : writers) writer.join();
  }

  const std::string conninfo_ = new_database();
  const std::vector<RecordFilter> filters_{{}, {products[0], std::nullopt}, {products[1], "dev1"}};
  Ledger ledger_;
  std::vector<Following> readers_;
};

TEST_P(Ticks, every_reader_sees_every_committed_row_once_and_effects_after_their_causes) {
  auto admin = connect(conninfo_);
  run(admin, "CREATE TABLE elsewhere (n int)");
  for (const auto& filter : filters_) {
    for (const int limit : {1, 7, 500}) {
      follow_from_the_earliest("a follower, pages of " + std::to_string(limit), filter, limit);
    }
  }
  write_and_read();
  good(make_tick(admin));
  for (const auto& filter : filters_) follow_from_the_earliest("one who comes late", filter, 9);
  read_on();
  EXPECT_GT(ledger_.rows().size(), 400U);
  EXPECT_GT(run(admin, "SELECT count(*) FROM straggler").int64(0, 0), 0)
      << "no transaction ran for long";
  for (const auto& reader : readers_) {
    expect_complete(reader.names, reader.reader.filter(), ledger_, reader.who);
    const std::vector followed(reader.names.begin() + static_cast<std::ptrdiff_t>(reader.listed),
                               reader.names.end());
    expect_ordered(followed, ledger_, reader.who);
  }
}

INSTANTIATE_TEST_SUITE_P(messages, Ticks,
                         ::testing::Values(Run{messages(), 1, 1}, Run{messages(), 2, 2}));
INSTANTIATE_TEST_SUITE_P(refusals, Ticks, ::testing::Values(Run{refusals(), 2, 3}));

TEST_F(TicksOfOne, a_row_that_commits_after_its_successor_is_seen) {
  auto first = connect(conninfo_);
  auto second = connect(conninfo_);
  auto position = good(earliest_position(connection_));
  run(connection_, "CREATE TABLE elsewhere (n int)");
  run(second, "BEGIN; ");
  run(second, "INSERT INTO elsewhere VALUES (1)");  // the smaller transaction id
  run(first, "BEGIN");
  say(first, "one");  // the smaller sequence
  say(second, "two");
  run(second, "COMMIT");
  good(make_tick(connection_));
  EXPECT_THAT(read_on(connection_, position), ElementsAre("two"));
  run(first, "COMMIT");
  EXPECT_TRUE(good(make_tick(connection_)));
  EXPECT_THAT(read_on(connection_, position), ElementsAre("one"));
}

TEST_F(TicksOfOne, what_a_list_showed_does_not_come_again_with_a_straggler) {
  auto straggler = connect(conninfo_);
  run(straggler, "BEGIN");
  say(straggler, "late");
  say_and_tick(connection_, "before", 12);
  say(connection_, "listed");
  auto position = good(present_position(connection_));
  run(straggler, "COMMIT");
  good(make_tick(connection_));
  ASSERT_EQ(run(connection_, "SELECT count(*) FROM straggler").int64(0, 0), 1);
  EXPECT_THAT(read_on(connection_, position), ElementsAre("late"));
}

TEST_F(TicksOfOne, what_a_list_showed_does_not_come_again_on_small_pages) {
  auto open = connect(conninfo_);
  run(open, "BEGIN");
  say(open, "late");
  for (int i = 0; i < 9; ++i) say(connection_, "listed");
  const auto listed = good(present_position(connection_));
  run(open, "COMMIT");
  good(make_tick(connection_));
  for (const auto& filter : {RecordFilter{"AA000001", "dev1"}, RecordFilter{}}) {
    auto position = listed;
    EXPECT_THAT(read_on(connection_, position, filter, 1), ElementsAre("late"));
  }
}

TEST_F(TicksOfOne, a_straggler_costs_its_readers_what_comes_after_its_first_row_only) {
  say_and_tick(connection_, "before", 15);
  auto straggler = connect(conninfo_);
  run(straggler, "BEGIN");
  say(straggler, "late");
  say_and_tick(connection_, "between", 12);
  auto position = good(present_position(connection_));
  run(straggler, "COMMIT");
  good(make_tick(connection_));
  const auto stretch = good(next_stretch(connection_, position, 1000)).value();
  EXPECT_TRUE(stretch.writers);
  EXPECT_EQ(stretch.low, 15);
}

TEST_F(TicksOfOne, a_tick_is_made_only_where_something_may_have_come) {
  EXPECT_FALSE(good(make_tick(connection_)));
  say(connection_, "one");
  EXPECT_TRUE(good(make_tick(connection_)));
  EXPECT_FALSE(good(make_tick(connection_)));
  run(connection_, "CREATE TABLE elsewhere (n int)");
  EXPECT_FALSE(good(make_tick(connection_))) << "other transactions are of no interest";
  auto open = connect(conninfo_);
  run(open, "BEGIN");
  say(open, "two");
  EXPECT_TRUE(good(make_tick(connection_)));
  for (int i = 0; i < 3; ++i) run(connection_, "INSERT INTO elsewhere VALUES (1)");
  EXPECT_FALSE(good(make_tick(connection_))) << "while it runs";
  run(open, "COMMIT");
  EXPECT_TRUE(good(make_tick(connection_)));
  EXPECT_FALSE(good(make_tick(connection_)));
}

TEST_F(TicksOfOne, a_position_says_all_in_text_and_nonsense_is_none) {
  const Position plain{1, 20, 300, std::nullopt};
  EXPECT_EQ(position_from(to_text(plain)), plain);
  const Position between{1, 20, 300, Snapshot{10, 20, {11, 15}}};
  EXPECT_EQ(position_from(to_text(between)), between);
  for (const char* wrong : {"", "0", "1.2", "1.2.3.4", "1..3", "1.2.x", "-1.2.3", "1.2.3.",
                            "1.2.99999999999999999999"}) {
    EXPECT_FALSE(position_from(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace xgate::store
