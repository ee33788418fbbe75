// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_json.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/frame.hpp"
#include "protocol/json.hpp"

namespace xgate::protocol {
namespace {

struct NotJson {
  std::string text;
  std::string named;
};

class ExplainJson : public testing::TestWithParam<NotJson> {};

TEST_P(ExplainJson, FRAME_5_the_usual_mistake_is_told) {
  const auto value = parse_json(GetParam().text);
  ASSERT_FALSE(value) << GetParam().text;
  EXPECT_THAT(value.error(), testing::HasSubstr(GetParam().named)) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ExplainJson,
    testing::Values(NotJson{"{'a':1}", "not single ones"}, NotJson{R"({"a":'x'})", "not single"},
                    NotJson{R"({"a":1,})", "a comma stands before the closing bracket"},
                    NotJson{R"([1,2, ])", "a comma stands before the closing bracket"},
                    NotJson{R"({"a":NaN})", "NaN and Infinity are not JSON"},
                    NotJson{R"({"a":nan})", "NaN and Infinity are not JSON"},
                    NotJson{R"({"a":-Infinity})", "NaN and Infinity are not JSON"},
                    NotJson{R"({"a":inf})", "NaN and Infinity are not JSON"},
                    NotJson{R"({"a":True})", "written in lower case"},
                    NotJson{R"({"a":None})", "Python's None is null"},
                    NotJson{R"({"a":undefined})", "undefined is not JSON"},
                    NotJson{R"({a:1})", "a member's name stands between double quotation marks"},
                    NotJson{R"({"a":1, b:2})", "a member's name stands between double"},
                    NotJson{R"({"a":0x10})", "no hex numbers"},
                    NotJson{R"({"a":007})", "no zeros in front"},
                    NotJson{R"({"a":+1})", "no + in front"},
                    NotJson{R"({"a":.5})", "digits on both sides"},
                    NotJson{R"({"a":1)", "is it cut off?"}, NotJson{R"({"a":"x)", "is it cut off?"},
                    NotJson{R"({"a":1 /* one */})", "no comments"},
                    NotJson{R"({"a":%d})", "was a format not filled in"},
                    NotJson{R"({"a":1 "b":2})", "a comma or colon is missing"},
                    NotJson{"{\"a\":\"\xC4\xE3\xBA\xC3\"}", "as text in GBK is not"},
                    NotJson{"", "it is empty"},
                    NotJson{std::string("{\"a\":1}\0", 8), "a C string's end was sent along"}));

TEST(ExplainMembers, FRAME_1_a_member_in_another_case_is_told_from_a_missing_one) {
  const nlohmann::json object{{"headerCtrl", 4}, {"message_id", 1}};
  EXPECT_EQ(missing_member(object, "HeaderCtrl"),
            "HeaderCtrl is missing: \"headerCtrl\" is there, and a name counts letter by letter");
  EXPECT_THAT(missing_member(object, "MessageId"), testing::HasSubstr("\"message_id\" is there"));
  EXPECT_EQ(missing_member(object, "Payload"), "Payload is missing");
}

TEST(ExplainFrames, FRAME_1_what_is_no_frame_is_told_in_its_own_words) {
  const auto reason = [](std::string_view bytes) {
    const auto frame = parse_frame(bytes, TopicName::uplink);
    return frame ? std::string() : frame.error().reason;
  };
  EXPECT_THAT(reason(R"({"messageId":1,"HeaderCtrl":4,"Payload":1,"Version":"2.0"})"),
              testing::HasSubstr("\"messageId\" is there"));
  EXPECT_THAT(reason(R"({"MessageId":1,"headerCtrl":4,"Payload":1,"Version":"2.0"})"),
              testing::HasSubstr("\"headerCtrl\" is there"));
  EXPECT_THAT(reason(R"({"MessageId":1,"HeaderCtrl":4,"payload":1,"Version":"2.0"})"),
              testing::HasSubstr("\"payload\" is there"));
  EXPECT_THAT(reason(R"({"MessageId":1,"HeaderCtrl":4,"Payload":1,"version":"2.0"})"),
              testing::HasSubstr("\"version\" is there"));
  EXPECT_THAT(reason(R"("{\"MessageId\":1}")"), testing::HasSubstr("encoded twice"));
  EXPECT_THAT(reason(R"([{"MessageId":1}])"), testing::HasSubstr("an array"));
  EXPECT_THAT(reason(std::string(64, 'A')), testing::HasSubstr("as if the whole of it were"));
}

}  // namespace
}  // namespace xgate::protocol
