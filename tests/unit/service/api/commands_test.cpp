// SPDX-License-Identifier: Apache-2.0
// Commands as applications queue them and wait for them; nobody sends them here.
#include <future>

#include "api_fixture.hpp"

namespace xgate::api {
namespace {

using nlohmann::json;

class Commands : public ApiTest {
 protected:
  Commands() : product_(new_product()), device_(product_ + ".Meter001") {
    api().json("POST", "/api/v1/products/" + product_ + "/devices", {{"node_eui", "Meter001"}},
               201);
  }
  std::string path() const { return "/api/v1/devices/" + device_ + "/commands"; }
  static void settle(const json& command) {
    const auto id = command.at("command_id").get<std::int64_t>();
    sql("UPDATE command SET state = 'done', settled_at = now(), code = '200', result = '{\"a\":1}' "
        "WHERE command_id = " +
        std::to_string(id));
  }
  std::string product_;
  std::string device_;
};

TEST_F(Commands, are_stored_as_they_will_leave) {
  const auto command = api().json("POST", path(), {{"kind", "set"}, {"params", {{"t", 1}}}}, 201);
  EXPECT_EQ(command.at("state"), "queued");
  EXPECT_EQ(command.at("header_ctrl"), 20);
  const auto row = sql("SELECT payload, due_at IS NULL FROM command WHERE command_id = " +
                       command.at("command_id").dump());
  EXPECT_EQ(row.text(0, 0), R"({"params":[{"identify":"t","value":"1"}]})");
  EXPECT_TRUE(row.boolean(0, 1)) << "the device is away";
}

TEST_F(Commands, a_wait_is_parked_and_woken) {
  const auto first = api().json("POST", path(), {{"kind", "down"}, {"data", 1}}, 201);
  const std::string target = "/api/v1/commands/" + first.at("command_id").dump() + "?wait=60";
  // more of them than there are workers: others are still served
  std::vector<std::future<json>> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(
        std::async(std::launch::async, [&] { return api().json("GET", target, nullptr); }));
  }
  EXPECT_EQ(api().json("GET", path()).at("items").size(), 1U);
  settle(first);
  api().wake({first.at("command_id").get<std::int64_t>()});
  for (auto& one : waiting) {
    const auto done = one.get();
    EXPECT_EQ(done.at("state"), "done");
    EXPECT_EQ(done.at("result"), json({{"a", 1}}));
  }
}

TEST_F(Commands, a_wait_looks_by_itself_too) {
  auto made = std::async(std::launch::async, [&] {
    return api().json("POST", path() + "?wait=60", {{"kind", "config_get"}}, 200);
  });
  json listed;
  while (listed.empty()) listed = api().json("GET", path()).at("items");
  settle(listed.front());  // as another service would: nobody is told
  EXPECT_EQ(made.get().at("state"), "done");
}

TEST_F(Commands, a_wait_that_ends_shows_what_is) {
  EXPECT_EQ(api().json("POST", path() + "?wait=1", {{"kind", "firmware_ask"}}, 201).at("state"),
            "queued");
}

}  // namespace
}  // namespace xgate::api
