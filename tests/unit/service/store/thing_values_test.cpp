// SPDX-License-Identifier: Apache-2.0
#include "service/store/thing_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/app/migrate.hpp"
#include "service/store/models.hpp"
#include "service/store/thing_history.hpp"

namespace xgate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t day_ms = 86'400'000;

/// A database with one device, and nothing reported.
class ThingValues : public ::testing::Test {
 protected:
  ThingValues() {
    const auto conninfo = fakes::PostgresCluster::shared().create_database();
    const auto migrated = app::migrate(conninfo, [](const std::string&) {});
    EXPECT_TRUE(migrated) << migrated.error();
    connection_.emplace(pg::Connection::open(conninfo).value());
    run("INSERT INTO vendor (open_id, name) VALUES ('7ED01E2A', 'v')");
    run("INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind) VALUES "
        "('AA30C505', '7ED01E2A', 'p', repeat('0', 32), 1, 'json')");
    device_ = run("INSERT INTO device (product_id, node_eui, device_secret) VALUES "
                  "('AA30C505', 'dev1', repeat('0', 32)) RETURNING device_id")
                  .int64(0, 0);
    now_ms_ = run("SELECT (extract(epoch FROM now()) * 1000)::bigint").int64(0, 0);
  }
  pg::Rows run(std::string_view sql) {
    auto rows = connection_->exec(sql);
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  }
  /// Received `after` now, measured at `at` (both in ms from now).
  PropertyRow value(const std::string& identifier, const std::string& text, std::int64_t at,
                    std::int64_t after) const {
    return {device_, identifier, text, now_ms_ + at, now_ms_ + after};
  }
  void store(const std::vector<PropertyRow>& rows) {
    const auto latest = upsert_properties(*connection_, rows);
    ASSERT_TRUE(latest) << latest.error().message;
    const auto kept = insert_property_history(*connection_, rows);
    ASSERT_TRUE(kept) << kept.error().message;
  }
  std::vector<std::string> latest() {
    std::vector<std::string> found;
    const auto properties = list_properties(*connection_, device_, {});
    if (!properties) return {properties.error().message};
    for (const auto& property : *properties) {
      found.push_back(property.identifier + "=" + property.value);
    }
    return found;
  }
  HistoryQuery query(const std::string& identifier = {}) const {
    HistoryQuery query;
    query.device_id = device_;
    query.identifier = identifier;
    return query;
  }
  static std::vector<std::string> values(const pg::Result<std::vector<HistoryRecord>>& records) {
    std::vector<std::string> found;
    if (!records) return {records.error().message};
    for (const auto& record : *records) found.push_back(record.value);
    return found;
  }

  std::optional<pg::Connection> connection_;
  std::int64_t device_ = 0;
  std::int64_t now_ms_ = 0;
};

TEST_F(ThingValues, the_latest_device_time_is_the_latest_value) {
  store({value("t", "1", 0, 0), value("t", "2", -5000, 1), value("u", "7", 0, 0)});
  EXPECT_THAT(latest(), ElementsAre("t=1", "u=7")) << "within one statement";
  store({value("t", "3", -1, 2)});
  EXPECT_THAT(latest(), ElementsAre("t=1", "u=7")) << "older, in another one";
  store({value("t", "4", 0, 3)});
  EXPECT_THAT(latest(), ElementsAre("t=4", "u=7")) << "of equal times the last to come";
}

TEST_F(ThingValues, a_clock_that_is_ahead_does_not_hold_the_value) {
  store({value("t", "\"tomorrow\"", day_ms, 0)});
  store({value("t", "1", 10, 10)});
  EXPECT_THAT(latest(), ElementsAre("t=1"));
}

TEST_F(ThingValues, HIST_1_what_is_there_already_is_not_stored_twice) {
  const std::vector<PropertyRow> rows{value("t", "1", -9000, 0), value("t", "1", -9000, 0),
                                      value("t", "2", -9000, 0), value("t", "1", -8000, 0)};
  store(rows);
  store({value("t", "1", -9000, 50), value("t", "3", 50, 50), value("t", "3", 50, 50)});
  EXPECT_THAT(values(read_property_history(*connection_, query("t"))),
              ElementsAre("3", "3", "1", "2", "1"))
      << "reports without a time of the device's own are always new";
  const std::vector<EventRow> events{{device_, "e", "info", "{}", now_ms_ - 9000, now_ms_},
                                     {device_, "f", "info", "{}", now_ms_ - 9000, now_ms_}};
  ASSERT_TRUE(insert_event_history(*connection_, events));
  ASSERT_TRUE(insert_event_history(*connection_, events));
  EXPECT_EQ(read_event_history(*connection_, query())->size(), 2U);
}

TEST_F(ThingValues, history_is_read_by_range_and_page_newest_first) {
  std::vector<PropertyRow> rows;
  for (int i = 0; i < 10; ++i) rows.push_back(value("t", std::to_string(i), i - 5000, 0));
  for (int i = 10; i < 13; ++i) rows.push_back(value("t", std::to_string(i), 9 - 5000, 0));
  rows.push_back(value("u", "99", 0, 0));
  store(rows);
  auto asked = query("t");
  asked.limit = 5;
  std::vector<std::string> all;
  for (;;) {
    const auto page = read_property_history(*connection_, asked);
    ASSERT_TRUE(page) << page.error().message;
    if (page->empty()) break;
    for (const auto& record : *page) all.push_back(record.value);
    asked.after = page->back().place;
  }
  EXPECT_THAT(all, ElementsAre("12", "11", "10", "9", "8", "7", "6", "5", "4", "3", "2", "1", "0"));
  auto range = query("t");
  range.from_ms = now_ms_ - 5000 + 2;
  range.to_ms = now_ms_ - 5000 + 5;
  EXPECT_THAT(values(read_property_history(*connection_, range)), ElementsAre("4", "3", "2"));
}

TEST_F(ThingValues, events_are_read_by_identifier_and_type) {
  const std::vector<EventRow> events{{device_, "a", "info", "1", now_ms_, now_ms_},
                                     {device_, "b", "error", "2", now_ms_ + 1, now_ms_ + 1},
                                     {device_, "a", "", "3", now_ms_ + 2, now_ms_ + 2}};
  ASSERT_TRUE(insert_event_history(*connection_, events));
  EXPECT_THAT(values(read_event_history(*connection_, query())), ElementsAre("3", "2", "1"));
  EXPECT_THAT(values(read_event_history(*connection_, query("a"))), ElementsAre("3", "1"));
  auto errors = query();
  errors.type = "error";
  EXPECT_THAT(values(read_event_history(*connection_, errors)), ElementsAre("2"));
}

TEST_F(ThingValues, a_deleted_devices_values_are_left_out) {
  const auto row = value("t", "1", 0, 0);
  run("DELETE FROM device");
  store({row});
  EXPECT_THAT(latest(), IsEmpty());
}

TEST_F(ThingValues, a_model_is_compiled_once_and_never_mistaken_for_another) {
  const auto of = [](const char* identifier) {
    return std::string(R"({"properties":[{"identifier":")") + identifier +
           R"(","accessMode":"r","dataType":{"type":"int"}}]})";
  };
  EXPECT_EQ(thing_model(*connection_, "AA30C505").value(), nullptr);
  EXPECT_EQ(thing_model(*connection_, "FFFFFFFF").value(), nullptr);
  EXPECT_EQ(insert_model(*connection_, "AA30C505", of("a"))->version, 1);
  const auto first = thing_model(*connection_, "AA30C505").value();
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->property_label("a"));
  EXPECT_EQ(thing_model(*connection_, "AA30C505").value(), first);
  EXPECT_EQ(insert_model(*connection_, "AA30C505", of("b"))->version, 2);
  EXPECT_TRUE(thing_model(*connection_, "AA30C505").value()->property_label("b"));
  EXPECT_EQ(find_model(*connection_, "AA30C505", 1).value()->document, of("a"));
  EXPECT_EQ(find_model(*connection_, "AA30C505", {}).value()->version, 2);
  EXPECT_FALSE(find_model(*connection_, "AA30C505", 3).value());
  // One that an older program stored and this one cannot compile: reports are taken as they come.
  EXPECT_EQ(insert_model(*connection_, "AA30C505", "{}")->version, 3);
  EXPECT_EQ(thing_model(*connection_, "AA30C505").value(), nullptr);
}

TEST_F(ThingValues, PROP_1_who_has_an_identifier_more_is_told) {
  const auto grown = [&](const std::vector<PropertyRow>& rows) {
    return upsert_properties(*connection_, rows).value();
  };
  EXPECT_THAT(grown({value("a", "1", 0, 0), value("b", "1", 0, 0)}), ElementsAre(device_));
  EXPECT_THAT(grown({value("a", "2", 1, 1)}), IsEmpty());
  EXPECT_THAT(grown({value("a", "0", -5, 2)}), IsEmpty()) << "older, and nothing new";
  EXPECT_THAT(grown({value("a", "3", 3, 3), value("c", "1", 3, 3)}), ElementsAre(device_));
  const std::vector<std::int64_t> ids{device_};
  EXPECT_THAT(devices_with_more_properties(*connection_, ids, 3).value(), IsEmpty());
  EXPECT_THAT(devices_with_more_properties(*connection_, ids, 2).value(), ElementsAre(device_));
  EXPECT_THAT(read_identifiers(*connection_, ids).value().at(device_), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace xgate::store
