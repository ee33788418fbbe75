// SPDX-License-Identifier: Apache-2.0
#include "service/api/etag.hpp"

#include <gtest/gtest.h>

namespace xgate::api {
namespace {

TEST(EntityTag, is_found_in_a_list_weak_or_strong) {
  for (const char* header :
       {"\"a\"", "W/\"a\"", "*", " \"b\", W/\"a,b\" ,\"a\"", "\"b\",\"a\",", ",\"a\""}) {
    EXPECT_TRUE(names_tag(header, "\"a\"")) << header;
  }
}

TEST(EntityTag, is_not_found_where_it_is_not_named) {
  for (const char* header :
       {"", " ", "\"b\"", "a", "\"a", "W/a", "\"A\"", "\"aa\"", "\"b\" \"", "w/\"a\""}) {
    EXPECT_FALSE(names_tag(header, "\"a\"")) << header;
  }
}

TEST(EntityTag, of_If_Match_is_never_weak) {
  for (const char* header : {"\"a\"", "*", " \"b\", \"a\"", "W/\"a\", \"a\""}) {
    EXPECT_TRUE(matches_tag(header, "\"a\"")) << header;
  }
  for (const char* header : {"", "W/\"a\"", "\"b\"", "a", "\"b\", W/\"a\""}) {
    EXPECT_FALSE(matches_tag(header, "\"a\"")) << header;
  }
}

}  // namespace
}  // namespace xgate::api
