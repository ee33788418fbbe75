// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/command_line.hpp"

#include <charconv>
#include <map>

#include <CLI/CLI.hpp>

namespace xgate::benchmarks {
namespace {

constexpr const char* about =
    R"(Plays many devices against a broker, and says what came of it as one JSON object on stdout.
模拟大量设备对 broker 施压，并把结果以一个 JSON 对象写到标准输出。

Modes · 模式:
  connect   log in, log out, next device: a connect storm
            登录、断开、换下一台设备：连接风暴
  publish   publish on the device's own topic; done at PUBACK
            在设备自己的主题上发布；收到 PUBACK 即完成
  uplink    report, and wait for the platform's own ack (Code 200)
            上报，并等待平台自己的应答（Code 200）

Who loses the connection in publish or uplink comes again; what was under way then counts as unanswered.
publish、uplink 模式下掉线的设备会重连；掉线时未完成的操作计为 unanswered。

Closed loop: each connection keeps --window operations under way. Open loop (--rate): each operation has its
time; latencies count from that time, not from when it could be sent.
闭环：每个连接保持 --window 个进行中的操作。开环（--rate）：每个操作有预定时刻，延迟从该时刻起算。

Signals INT and TERM end the run early, with its result. It ends with the process that started it.
收到 INT、TERM 信号时提前结束并给出结果；启动它的进程结束时它也结束。)";

using Group = std::vector<std::string>;

void add_who(CLI::App& app, Options& o, Group& watched) {
  app.add_option("--devices", o.devices_file,
                 "CSV file: OpenID,ProductID,NodeEui,ProductKey,DeviceSecret[,SessionID,Nonce] · "
                 "设备 CSV 文件")
      ->check(CLI::ExistingFile);
  app.add_option(
         "--rule", o.rule_file,
         "JSON file: open_id, product_id, product_key, node_prefix, digits, first, count, seed · "
         "按规则推导设备的 JSON 文件")
      ->check(CLI::ExistingFile);
  app.add_option("--skip", o.skip, "Devices to leave out, from the front · 跳过前若干台设备");
  app.add_option("--connections", o.connections,
                 "Connections at once, each another device · 同时的连接数，各为一台设备")
      ->check(CLI::Range(std::size_t{1}, std::size_t{60000}));
  app.add_option("--connecting", o.connecting,
                 "Logins under way at once, at most · 同时进行的登录上限")
      ->check(CLI::Range(std::size_t{1}, std::size_t{60000}));
  app.add_option("--login", o.login,
                 "v2, auth, password (NodeEui, DeviceSecret) or anonymous · 登录方式")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, Login>{{"v2", Login::v2},
                                                               {"auth", Login::auth},
                                                               {"password", Login::password},
                                                               {"anonymous", Login::anonymous}}));
  app.add_option("--login-type", o.login_type,
                 "type of a V2_ login: 0, or 1 (checks the time) · V2_ 登录类型")
      ->check(CLI::Range(0, 1));
  app.add_option(
      "--watch", watched,
      "NAME=PID: processor time of that process and its children in the measured time; may be "
      "repeated · 测量期间该进程及子进程的 CPU 时间，可重复");
}

void add_where(CLI::App& app, Options& o) {
  app.add_option("--host", o.host, "The broker's IPv4 address · broker 的 IPv4 地址");
  app.add_option("--port", o.port, "Its port · 端口");
  app.add_flag("--mqtt5", o.mqtt5, "MQTT 5 instead of 3.1.1 · 使用 MQTT 5 而非 3.1.1");
  app.add_option("--keepalive", o.keepalive_s, "Seconds; 0: none · 保活秒数，0 为不用")
      ->check(CLI::Range(0, 65535));
  app.add_option("--sources", o.sources,
                 "Addresses 127.0.0.1, .2, … to come from, towards a broker on 127.* · "
                 "来源地址个数（仅 127.*）")
      ->check(CLI::Range(1, 250));
}

void add_what(CLI::App& app, Options& o) {
  app.add_option(
         "--payload", o.payload,
         "plain, encrypted (uplink), model (property report) or hex (hex report) · 载荷种类")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, Payload>{{"plain", Payload::plain},
                                                                 {"encrypted", Payload::encrypted},
                                                                 {"model", Payload::model},
                                                                 {"hex", Payload::hex}}));
  app.add_option("--body", o.body,
                 "The frame's Payload, JSON text; {n} stands for the MessageId · 帧的 Payload");
  app.add_option(
      "--topic", o.topic,
      "publish: another topic, in which {O}, {P}, {N} stand for the device's · publish 模式的主题");
  app.add_option("--qos", o.qos, "Of what is published · 发布的 QoS")->check(CLI::Range(0, 1));
  app.add_option("--window", o.window,
                 "Operations of a connection under way at once · 每连接进行中的操作数")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10000}));
  app.add_option("--first-message-id", o.first_message_id,
                 "MessageIds count up from here, over all devices · MessageId 起点（全部设备共用）")
      ->check(CLI::Range(1U, 2000000000U));
}

void add_how_long(CLI::App& app, Options& o) {
  app.add_option("--rate", o.rate, "Open loop: operations a second, over all · 开环：每秒操作总数")
      ->check(CLI::Range(0.0, 1e7));
  app.add_option("--duration", o.duration_s,
                 "Seconds to measure; 0: until --count · 测量秒数，0 为直到 --count")
      ->check(CLI::Range(0.0, 86400.0));
  app.add_option("--count", o.count,
                 "Operations to begin; 0: until --duration · 操作总数，0 为直到 --duration");
  app.add_option("--warmup", o.warmup_s, "Seconds before measuring begins · 预热秒数")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--ramp", o.ramp_s,
                 "Seconds for all to connect before it begins anyway · 等待全部连接的上限秒数")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--drain", o.drain_s, "Seconds to wait for acks at the end · 结束时等待应答的秒数")
      ->check(CLI::Range(0.0, 3600.0));
  app.add_option("--ack-timeout", o.ack_timeout_s,
                 "Seconds until an operation is given up · 单次操作超时秒数")
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--log", o.log_file,
                 "File to add a line to for each report: \"sent|acked P.N MESSAGE_ID\"; sent "
                 "stands there before "
                 "it leaves, acked means Code 200 · 每条上报一行的日志文件");
}

bool take_watched(const Group& texts, Options& options) {
  for (const std::string& text : texts) {
    const std::size_t at = text.find('=');
    int pid = 0;
    const char* end = text.data() + text.size();
    if (at == std::string::npos || std::from_chars(text.data() + at + 1, end, pid).ptr != end ||
        pid <= 0)
      return false;
    options.watched.push_back({text.substr(0, at), pid});
  }
  return true;
}

const char* fault_of(const Options& o) {
  if (o.devices_file.empty() == o.rule_file.empty())
    return "say who plays: --devices FILE or --rule FILE";
  if (o.duration_s <= 0 && o.count == 0)
    return "say how long: --duration SECONDS or --count NUMBER";
  if (!o.topic.empty() && o.mode != Mode::publish) return "--topic belongs to publish";
  if (!o.log_file.empty() && o.mode == Mode::connect) return "--log belongs to publish and uplink";
  if (o.mode != Mode::connect && o.login == Login::auth) return "--login auth belongs to connect";
  return nullptr;
}

}  // namespace

std::optional<Options> parse_command_line(int argc, const char* const* argv, int& status) {
  Options options;
  Group watched;
  CLI::App app(about, "xgate-load");
  app.get_formatter()->column_width(30);
  app.add_option("MODE", options.mode, "connect, publish or uplink · 模式")
      ->required()
      ->transform(CLI::CheckedTransformer(std::map<std::string, Mode>{
          {"connect", Mode::connect}, {"publish", Mode::publish}, {"uplink", Mode::uplink}}));
  add_where(app, options);
  add_who(app, options, watched);
  add_what(app, options);
  add_how_long(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    status = app.exit(error) == 0 ? 0 : 2;
    return std::nullopt;
  }
  const char* fault = fault_of(options);
  if (!take_watched(watched, options)) fault = "--watch wants NAME=PID";
  if (fault != nullptr) {
    std::fprintf(stderr, "xgate-load: %s\n", fault);
    status = 2;
    return std::nullopt;
  }
  return options;
}

}  // namespace xgate::benchmarks
