// SPDX-License-Identifier: Apache-2.0
#include "mqtt/packets.hpp"

#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/mqtt_peer.hpp"
#include "mqtt/decoder.hpp"

namespace xgate::mqtt {
namespace {

using fakes::bytes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// One packet, decoded from all its bytes.
template <class T>
T decoded(const std::string& packet, Version version = Version::v5) {
  Decoder decoder(version);
  decoder.feed(packet);
  auto next = decoder.next();
  if (!next || !*next || !std::holds_alternative<T>(**next)) {
    ADD_FAILURE() << "not decoded: " << (next ? "incomplete or another type" : next.error().reason);
    return {};
  }
  return std::get<T>(**next);
}

/// The reason code with which one packet is refused, 0 where it is not.
int refusal(const std::string& packet, Version version = Version::v5) {
  Decoder decoder(version);
  decoder.feed(packet);
  const auto next = decoder.next();
  if (next) return 0;
  EXPECT_FALSE(next.error().reason.empty());
  return next.error().reason_code;
}

// Every kind of packet that a broker sends, well formed.
const std::vector<std::string> packets_5{
    bytes("20 03 01 00 00"),
    bytes("20 43 00 00 40 11 0000000a 12 0002 6964 13 003c 15 0001 6d 16 0002 0001 1a 0001 72"
          "1c 0001 73 1f 0002 6f6b 21 0014 22 000a 24 00 25 01 26 0001 6b 0002 7676 27 00001000"
          "28 01 29 00 2a 01"),
    bytes("20 03 00 87 00"),
    bytes("3b 09 0003 612f62 0007 00 78"),
    bytes("30 2d 0001 61 27 01 01 02 0000000a 03 0001 74 08 0001 72 09 0002 00ff 0b 01 0b 8001"
          "26 0001 6b 0001 76 26 0001 6b 0001 77 7b 7d"),
    bytes("40 02 0007"),
    bytes("40 03 0007 10"),
    bytes("40 0a 0007 87 06 1f 0003 6e6f70"),
    bytes("62 02 0009"),
    bytes("90 05 0007 00 01 87"),
    bytes("b0 05 0007 00 00 11"),
    bytes("d0 00"),
    bytes("e0 00"),
    bytes("e0 01 8e"),
    bytes("e0 0e 9d 0c 1c 0001 73 1f 0005 6d6f766564"),
};

TEST(Packets, connack_carries_what_the_broker_allows) {
  const auto connack = decoded<Connack>(packets_5[1]);
  EXPECT_FALSE(connack.session_present);
  EXPECT_EQ(connack.reason_code, 0);
  const Properties& p = connack.properties;
  EXPECT_EQ(p.session_expiry_s, 10U);
  EXPECT_EQ(p.assigned_client_id, "id");
  EXPECT_EQ(p.server_keep_alive_s, 60);
  EXPECT_EQ(p.authentication_method, "m");
  EXPECT_EQ(p.authentication_data, std::string("\0\1", 2));
  EXPECT_EQ(p.reason_string, "ok");
  EXPECT_EQ(p.receive_maximum, 20);
  EXPECT_EQ(p.topic_alias_maximum, 10);
  EXPECT_EQ(p.maximum_qos, 0);
  EXPECT_EQ(p.retain_available, true);
  EXPECT_EQ(p.maximum_packet_size, 4096U);
  EXPECT_THAT(p.user_properties, ElementsAre(Pair("k", "vv")));
}

TEST(Packets, a_delivery_carries_flags_id_and_properties) {
  const auto first = decoded<Delivery>(packets_5[3]);
  EXPECT_EQ(first.publish.topic, "a/b");
  EXPECT_EQ(first.publish.payload, "x");
  EXPECT_EQ(first.publish.qos, 1);
  EXPECT_TRUE(first.publish.retain);
  EXPECT_TRUE(first.publish.dup);
  EXPECT_EQ(first.packet_id, 7);
  const auto second = decoded<Delivery>(packets_5[4]);
  EXPECT_EQ(second.publish.payload, "{}");
  EXPECT_EQ(second.packet_id, 0);
  EXPECT_THAT(second.publish.user_properties, ElementsAre(Pair("k", "v"), Pair("k", "w")));
}

TEST(Packets, acknowledgements_carry_their_codes) {
  EXPECT_EQ(decoded<Puback>(packets_5[5]).reason_code, 0);
  EXPECT_EQ(decoded<Puback>(packets_5[6]).reason_code, 0x10);
  EXPECT_EQ(decoded<Puback>(packets_5[7]).reason_string, "nop");
  EXPECT_EQ(decoded<Pubrel>(packets_5[8]).packet_id, 9);
  EXPECT_THAT(decoded<Suback>(packets_5[9]).reason_codes, ElementsAre(1, 0x87));
  EXPECT_THAT(decoded<Unsuback>(packets_5[10]).reason_codes, ElementsAre(0, 0x11));
  EXPECT_EQ(decoded<Disconnect>(packets_5[13]).reason_code, 0x8e);
  EXPECT_EQ(decoded<Disconnect>(packets_5[14]).properties.reason_string, "moved");
}

TEST(Packets, mqtt_3_1_1_has_no_properties) {
  EXPECT_TRUE(decoded<Connack>(bytes("20 02 01 00"), Version::v311).session_present);
  EXPECT_EQ(decoded<Delivery>(bytes("30 04 0001 61 00"), Version::v311).publish.payload,
            std::string(1, '\0'));
  EXPECT_THAT(decoded<Suback>(bytes("90 04 0001 01 80"), Version::v311).reason_codes,
              ElementsAre(1, 0x80));
  EXPECT_EQ(decoded<Unsuback>(bytes("b0 02 0003"), Version::v311).packet_id, 3);
  EXPECT_EQ(refusal(bytes("40 03 0001 00"), Version::v311), 0x81);
  EXPECT_EQ(refusal(bytes("20 03 00 00 00"), Version::v311), 0x81);
  EXPECT_EQ(refusal(bytes("e0 00"), Version::v311), 0x82);
}

TEST(Packets, a_publish_comes_back_as_it_was) {
  for (const Version version : {Version::v311, Version::v5}) {
    Publish sent{"温度/é", std::string("\0\xff{}", 4), 1, true, true, {}};
    if (version == Version::v5) sent.user_properties = {{"", ""}, {"名", std::string(65535, 'v')}};
    std::string out = "before";
    ASSERT_TRUE(encode_publish(sent, 65535, version, out));
    const auto back = decoded<Delivery>(out.substr(6), version);
    EXPECT_EQ(back.packet_id, 65535);
    EXPECT_EQ(back.publish.topic, sent.topic);
    EXPECT_EQ(back.publish.payload, sent.payload);
    EXPECT_EQ(back.publish.retain, true);
    EXPECT_EQ(back.publish.dup, true);
    EXPECT_EQ(back.publish.user_properties, sent.user_properties);
  }
}

TEST(Packets, lengths_take_one_to_four_bytes) {
  for (const std::size_t size : {0U, 124U, 125U, 16380U, 16381U, 2097148U, 2097149U}) {
    std::string out;
    ASSERT_TRUE(
        encode_publish({"t", std::string(size, 'p'), 0, false, false, {}}, 0, Version::v311, out));
    EXPECT_EQ(decoded<Delivery>(out, Version::v311).publish.payload.size(), size);
  }
}

TEST(Packets, what_mqtt_cannot_say_is_refused_and_appends_nothing) {
  const std::string longer(65536, 'a');
  std::string out;
  const auto refused = [&out](const Encoded& encoded, const char* why) {
    ASSERT_FALSE(encoded);
    EXPECT_THAT(encoded.error(), HasSubstr(why));
    EXPECT_EQ(out, "");
  };
  const auto publish = [&out](const Publish& message) {
    return encode_publish(message, 1, Version::v5, out);
  };
  refused(publish({longer, "", 0, false, false, {}}), "65,535");
  refused(publish({"", "", 0, false, false, {}}), "empty");
  refused(publish({"a/#", "", 0, false, false, {}}), "wildcard");
  refused(publish({"a\xff", "", 0, false, false, {}}), "UTF-8");
  refused(publish({std::string("a\0b", 3), "", 0, false, false, {}}), "NUL");
  refused(publish({"a", "", 0, false, false, {{"k", longer}}}), "65,535");
  refused(publish({"a", std::string(remaining_length_limit, 'x'), 0, false, false, {}}), "256 MB");
  refused(encode_subscribe({{longer, 1, false}}, 1, Version::v5, out), "65,535");
  refused(encode_subscribe({}, 1, Version::v5, out), "no filter");
  refused(encode_unsubscribe({"\xc0\x80"}, 1, Version::v311, out), "UTF-8");
  Connect connect;
  connect.client_id = longer;
  refused(encode_connect(connect, Version::v5, out), "client id");
  connect.client_id = "c";
  connect.password = longer;
  refused(encode_connect(connect, Version::v5, out), "password");
  connect.password.clear();
  connect.will = Publish{"w", longer, 0, false, false, {}};
  refused(encode_connect(connect, Version::v5, out), "will");
}

TEST(Packets, malformed_bodies_are_refused_with_the_right_code) {
  EXPECT_EQ(refusal(bytes("20 03 02 00 00")), 0x81) << "reserved flags of CONNACK";
  EXPECT_EQ(refusal(bytes("20 03 01 87 00")), 0x82) << "refused, yet with a session";
  EXPECT_EQ(refusal(bytes("21 03 00 00 00")), 0x81) << "reserved flags of the header";
  EXPECT_EQ(refusal(bytes("60 02 0001")), 0x81) << "PUBREL without its flags";
  EXPECT_EQ(refusal(bytes("36 06 0001 61 0001 00")), 0x81) << "QoS 3";
  EXPECT_EQ(refusal(bytes("32 06 0001 61 0000 00")), 0x82) << "packet id 0";
  EXPECT_EQ(refusal(bytes("30 03 0000 00")), 0x82) << "no topic";
  EXPECT_EQ(refusal(bytes("30 04 0001 2b 00")), 0x82) << "wildcard in a topic";
  EXPECT_EQ(refusal(bytes("30 07 0001 61 03 23 0001")), 0x94) << "topic alias";
  EXPECT_EQ(refusal(bytes("40 02 0000")), 0x82) << "acknowledges packet id 0";
  EXPECT_EQ(refusal(bytes("40 05 0001 00 00 00")), 0x81) << "more bytes than PUBACK has";
  EXPECT_EQ(refusal(bytes("d0 01 00")), 0x81) << "PINGRESP with a body";
  for (const char* strange : {"00 00", "10 00", "50 02 0001", "70 02 0001", "c0 00", "f0 00"})
    EXPECT_EQ(refusal(bytes(strange)), 0x82) << strange;
}

TEST(Packets, malformed_properties_are_refused) {
  EXPECT_EQ(refusal(bytes("20 05 00 00 02 7f 00")), 0x81) << "unknown";
  EXPECT_EQ(refusal(bytes("20 06 00 00 03 23 0001")), 0x82) << "misplaced";
  EXPECT_EQ(refusal(bytes("20 09 00 00 06 21 0001 21 0001")), 0x82) << "twice";
  EXPECT_EQ(refusal(bytes("20 06 00 00 03 21 0000")), 0x82) << "receive maximum 0";
  EXPECT_EQ(refusal(bytes("20 08 00 00 05 27 00000000")), 0x82) << "maximum packet size 0";
  EXPECT_EQ(refusal(bytes("20 05 00 00 02 24 02")), 0x82) << "maximum QoS 2";
  EXPECT_EQ(refusal(bytes("20 05 00 00 02 21 00")), 0x81) << "cut off inside the list";
  EXPECT_EQ(refusal(bytes("20 05 00 00 09 21 00")), 0x81) << "a list longer than the packet";
  EXPECT_EQ(refusal(bytes("20 06 00 00 80808080 01")), 0x81) << "a length of five bytes";
  EXPECT_EQ(refusal(bytes("20 08 00 00 05 1f 0002 c080")), 0x81) << "overlong UTF-8";
  EXPECT_EQ(refusal(bytes("20 04 00 00 01 80")), 0x81) << "an id that is cut off";
}

// Mosquitto relays these as a device sent them, and would send them again after every reconnect.
TEST(Packets, values_that_a_publisher_may_not_send_do_not_end_the_connection) {
  EXPECT_EQ(refusal(bytes("30 06 0001 61 02 01 02")), 0) << "payload format 2";
  EXPECT_EQ(refusal(bytes("30 06 0001 61 02 01 ff")), 0) << "payload format 255";
  EXPECT_EQ(refusal(bytes("30 06 0001 61 02 0b 00")), 0) << "subscription identifier 0";
  EXPECT_EQ(refusal(bytes("30 08 0001 61 04 08 0001 23")), 0) << "a wildcard to respond to";
}

TEST(Packets, topics_must_be_well_formed_text) {
  for (const char* bad : {"00", "c0", "c080", "80", "e08080", "eda080", "f0808080", "f4908080",
                          "f5808080", "e282", "61ff"}) {
    const std::string topic = bytes(bad);
    const char size = static_cast<char>(topic.size());
    const std::string packet =
        bytes("30") + static_cast<char>(size + 3) + std::string(1, '\0') + size + topic + '\0';
    EXPECT_EQ(refusal(packet), 0x81) << bad;
  }
  for (const char* good :
       {"7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080", "efbfbf", "f0908080", "f48fbfbf"}) {
    const std::string topic = bytes(good);
    const char size = static_cast<char>(topic.size());
    const std::string packet =
        bytes("30") + static_cast<char>(size + 3) + std::string(1, '\0') + size + topic + '\0';
    EXPECT_EQ(refusal(packet), 0) << good;
  }
}

TEST(Decoder, a_packet_may_come_byte_by_byte) {
  std::string stream;
  for (const std::string& packet : packets_5) stream += packet;
  Decoder decoder(Version::v5);
  std::size_t count = 0;
  for (const char byte : stream) {
    decoder.feed({&byte, 1});
    const auto next = decoder.next();
    ASSERT_TRUE(next) << next.error().reason;
    if (*next) ++count;
  }
  EXPECT_EQ(count, packets_5.size());
}

TEST(Decoder, many_packets_may_come_at_once) {
  Decoder decoder(Version::v5);
  for (int round = 0; round < 3; ++round) {
    for (const std::string& packet : packets_5) decoder.feed(packet);
    decoder.feed(packets_5[0].substr(0, 2));
    for (std::size_t i = 0; i < packets_5.size(); ++i) {
      const auto next = decoder.next();
      ASSERT_TRUE(next && *next);
    }
    const auto rest = decoder.next();
    ASSERT_TRUE(rest);
    EXPECT_FALSE(*rest);
    decoder.feed(packets_5[0].substr(2));
    ASSERT_TRUE(*decoder.next());
  }
}

TEST(Decoder, a_body_cut_at_any_byte_is_refused_or_a_shorter_packet) {
  // Each packet is cut and its length mended, so that the cut is inside the body. Only where MQTT
  // lets what follows be left out (the last bytes of a payload, of codes, of optional members) it
  // may still be a packet; that none is read beyond its end is for the sanitizers to see.
  for (const std::string& packet : packets_5)
    for (std::size_t size = 0; size + 2 < packet.size(); ++size) {
      std::string cut = packet.substr(0, 2 + size);
      cut[1] = static_cast<char>(size);
      const int code = refusal(cut);
      const int type = static_cast<unsigned char>(packet[0]) >> 4;
      const bool has_open_end = type == 3 || type == 4 || type == 9 || type == 11 || type == 14;
      if (has_open_end) continue;
      // CONNACK's two bytes alone are how 3.1.1 refuses.
      if (type == 2 && size == 2 && packet[3] != 0) continue;
      EXPECT_TRUE(code == 0x81 || code == 0x82) << "type " << type << " cut to " << size;
    }
}

TEST(Decoder, fixed_parts_cannot_be_left_out) {
  for (const char* cut : {"30 00", "30 01 00", "30 02 0001", "30 03 0001 61", "32 05 0001 61 0001",
                          "32 04 0001 61 00", "40 00", "40 01 00", "62 01 00", "90 00",
                          "90 02 0001", "b0 02 0001", "e0 02 8e 01", "40 04 0001 00 05"})
    EXPECT_EQ(refusal(bytes(cut)), 0x81) << cut;
}

TEST(Decoder, a_length_beyond_the_limit_is_refused_before_the_body_comes) {
  Decoder decoder(Version::v5, 100);
  decoder.feed(bytes("30 63"));  // 101 bytes in all
  const auto next = decoder.next();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().reason_code, 0x95);
  EXPECT_THAT(next.error().reason, HasSubstr("101 bytes"));
  Decoder exact(Version::v5, 100);
  exact.feed(bytes("30 62"));
  EXPECT_TRUE(exact.next());
}

TEST(Decoder, a_length_of_five_bytes_is_refused) {
  EXPECT_EQ(refusal(bytes("30 ff ff ff ff")), 0x81);
  EXPECT_EQ(refusal(bytes("30 ff ff ff 7f")), 0) << "the largest, not yet complete";
}

}  // namespace
}  // namespace xgate::mqtt
