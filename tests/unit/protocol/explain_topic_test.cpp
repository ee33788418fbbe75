// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_topic.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

struct WrongTopic {
  std::string_view topic;
  std::string_view requirement;
  std::string named;  ///< empty: nothing usual
};

class ExplainTopic : public testing::TestWithParam<WrongTopic> {};

TEST_P(ExplainTopic, TRACE_1_the_mistake_and_the_row_that_was_meant_are_told) {
  const auto& row = GetParam();
  const auto explained = explain_topic(row.topic, {"7ED01E2A", "AA30C505", "DEV1"});
  EXPECT_EQ(explained.requirement, row.requirement);
  if (row.named.empty()) {
    EXPECT_EQ(explained.text, "");
  } else {
    EXPECT_THAT(explained.text, testing::HasSubstr(row.named));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ExplainTopic,
    testing::Values(
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV2/downlink", "TOPIC-1",
                   "the NodeEui in the topic is not the login's, DEV1"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/dev1/uplink", "TOPIC-3", "NodeEui in the topic is in"},
        WrongTopic{"/sys/7ed01e2a/AA30C505/DEV1/uplink", "TOPIC-3", "the OpenID in the topic is"},
        WrongTopic{"/sys/AA30C505/7ED01E2A/DEV1/uplink", "TOPIC-3", "are swapped in the topic"},
        WrongTopic{"/sys/+/AA30C505/DEV1/downlink", "TOPIC-1", "a wildcard stands in the place"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/uplink ", "TOPIC-3", "a blank or line break"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/uplink/", "TOPIC-3", "a / too many"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1//uplink", "TOPIC-3", "a / too many"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/Uplink", "TOPIC-3",
                   "the topic's name is in another case, write uplink"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/uplnk", "TOPIC-3", "did you mean uplink?"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/property/report", "TOPIC-10",
                   "model/ is missing in the topic, write model/property/report"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/event/alarm/report", "TOPIC-11",
                   "model/ is missing"},
        WrongTopic{"uplink", "TOPIC-3", "lacks /sys/OpenID/ProductID/NodeEui in front"},
        WrongTopic{"/sys/7ED01E2A/AA30C505/DEV1/nothing/of/the/kind", "", ""},
        WrongTopic{"something/else", "", ""}, WrongTopic{"", "", ""}));

}  // namespace
}  // namespace xgate::protocol
