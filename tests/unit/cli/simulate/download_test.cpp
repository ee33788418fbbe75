// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/download.hpp"

#include <optional>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/http_peer.hpp"

namespace xgate::cli {
namespace {

using testing::HasSubstr;

// RFC 1321's.
const std::string image = "message digest";
const std::string image_md5 = "F96B697D7CB7938D525A2F31AAF161D0";

std::optional<tl::expected<Downloaded, std::string>> download(const fakes::HttpPeer& peer,
                                                              std::int64_t size,
                                                              std::int64_t cut_after = 0) {
  boost::asio::io_context io;
  const auto work = boost::asio::make_work_guard(io);
  Downloads downloads(io.get_executor());
  std::optional<tl::expected<Downloaded, std::string>> result;
  downloads.begin(
      {peer.url() + "/ota/E0C040B1/box", size, cut_after},
      [&result](tl::expected<Downloaded, std::string> done) { result = std::move(done); });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!result && io.run_one_until(deadline) > 0) continue;
  return result;
}

TEST(DownloadsTest, an_image_is_counted_and_hashed) {
  const fakes::HttpPeer peer({{200, image}});
  const auto done = download(peer, 14);
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->size, 14);
  EXPECT_EQ((*done)->md5, image_md5);
  EXPECT_FALSE((*done)->resumed);
  EXPECT_EQ(peer.requests()[0].target, "/ota/E0C040B1/box");
}

TEST(DownloadsTest, a_cut_download_asks_for_the_rest) {
  const fakes::HttpPeer peer({{200, image}, {206, image.substr(7)}});
  const auto done = download(peer, 14, 7);
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->md5, image_md5);
  EXPECT_TRUE((*done)->resumed);
  EXPECT_THAT(peer.requests()[1].head, HasSubstr("Range: bytes=7-"));
}

TEST(DownloadsTest, a_server_that_begins_anew_is_followed) {
  const fakes::HttpPeer peer({{200, image}, {200, image}});
  const auto done = download(peer, 14, 7);
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->md5, image_md5);
  EXPECT_FALSE((*done)->resumed);
}

TEST(DownloadsTest, a_server_that_is_away_for_a_moment_is_asked_again) {
  const fakes::HttpPeer peer({{0, ""}, {0, ""}, {503, "busy"}, {200, image}});
  const auto done = download(peer, 14);
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->md5, image_md5);
  EXPECT_EQ(peer.requests().size(), 4U);
}

TEST(DownloadsTest, a_refusal_is_not_asked_again) {
  const fakes::HttpPeer peer({{404, "{}"}});
  const auto done = download(peer, 14);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->error(), "HTTP 404");
  EXPECT_EQ(peer.requests().size(), 1U);
}

TEST(DownloadsTest, more_than_was_promised_is_not_read) {
  const fakes::HttpPeer peer({{200, image}});
  const auto done = download(peer, 10);
  ASSERT_TRUE(done);
  EXPECT_THAT(done->error(), HasSubstr("SoftSize"));
}

}  // namespace
}  // namespace xgate::cli
