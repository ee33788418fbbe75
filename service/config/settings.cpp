// SPDX-License-Identifier: Apache-2.0
#include "service/config/settings.hpp"

#include <array>

namespace xgate::config {
namespace {

constexpr std::array<std::string_view, 2> log_formats{"text", "json"};
constexpr std::array<std::string_view, 5> log_levels{"trace", "debug", "info", "warn", "error"};

template <auto Section, auto Member>
Target at(Settings& settings) {
  return &((settings.*Section).*Member);
}
using S = Settings;

// clang-format off
const std::array table{
  Setting{"database", "url", at<&S::database, &S::Database::url>, Text::conninfo, 0, 0, {},
          "PostgreSQL, as a libpq connection string or URI; keep a password in a passfile",
          "PostgreSQL 连接串（libpq 格式或 URI）；密码请放在 passfile 中",
          "host=/run/postgresql dbname=xgate user=xgate_service"},
  Setting{"database", "migrate_url", at<&S::database, &S::Database::migrate_url>, Text::other_conninfo, 0, 0, {},
          "the same for xgate migrate, as the role that owns the schema; empty: as the service",
          "xgate migrate 所用的连接串，其角色拥有全部表；留空则与服务相同"},
  Setting{"database", "service_role", at<&S::database, &S::Database::service_role>, Text::any, 0, 0, {},
          "the role of url: xgate migrate grants it what the service needs, and no more; empty: where url's role is the owner",
          "url 所用的角色：xgate migrate 只授予服务所需的权限；留空表示 url 的角色就是属主"},
  Setting{"database", "plugin_role", at<&S::database, &S::Database::plugin_role>, Text::any, 0, 0, {},
          "the role of the broker's plugin (plugin_opt_database): xgate migrate lets it read what the plugin reads; "
          "empty: nothing is granted",
          "broker 插件（plugin_opt_database）所用的角色：xgate migrate 只允许它读取插件所需的列；留空则不授权"},
  Setting{"database", "allow_unsafe", at<&S::database, &S::Database::allow_unsafe>, Text::any, 0, 0, {},
          "for tests only: run on a database with fsync, full_page_writes or synchronous_commit off, which may "
          "lose what devices were told is stored",
          "仅供测试：允许数据库关闭 fsync、full_page_writes 或 synchronous_commit，此时已应答的数据可能丢失"},
  Setting{"broker", "id", at<&S::broker, &S::Broker::id>, Text::not_empty, 0, 0, {},
          "name of this broker, the same as plugin_opt_broker_id in mosquitto.conf",
          "本 broker 的名称，须与 mosquitto.conf 的 plugin_opt_broker_id 一致"},
  Setting{"broker", "host", at<&S::broker, &S::Broker::host>, Text::not_empty, 0, 0, {},
          "where Mosquitto listens", "Mosquitto 的地址"},
  Setting{"broker", "port", at<&S::broker, &S::Broker::port>, Text::any, 1, 65535, {},
          "its port", "Mosquitto 的端口"},
  Setting{"broker", "username", at<&S::broker, &S::Broker::username>, Text::account, 0, 0, {},
          "service account, a line of the plugin's accounts file", "服务账号（插件账号文件中的一行）"},
  Setting{"broker", "password_file", at<&S::broker, &S::Broker::password_file>, Text::secret_file, 0, 0, {},
          "file with its password, readable by the owner only", "存放其密码的文件，仅属主可读",
          "broker-password"},
  Setting{"broker", "tls", at<&S::broker, &S::Broker::tls>, Text::any, 0, 0, {},
          "connect by TLS", "是否用 TLS 连接"},
  Setting{"broker", "ca_file", at<&S::broker, &S::Broker::ca_file>, Text::file, 0, 0, {},
          "certificates to trust for it; empty: the system's", "信任的 CA 证书文件；留空则用系统的"},
  Setting{"http", "address", at<&S::http, &S::Http::address>, Text::address, 0, 0, {},
          "IP address the HTTP API listens on", "HTTP API 监听的 IP 地址"},
  Setting{"http", "port", at<&S::http, &S::Http::port>, Text::any, 0, 65535, {},
          "its port; 0: any free one", "监听端口；0 表示任取空闲端口"},
  Setting{"http", "token_file", at<&S::http, &S::Http::token_file>, Text::token_file, 0, 0, {},
          "where the first API token is written (mode 0600) when there is none yet",
          "首次启动尚无令牌时，第一个 API 令牌写入此文件（权限 0600）"},
  Setting{"http", "workers", at<&S::http, &S::Http::workers>, Text::any, 1, 64, {},
          "threads that answer requests, each with a database connection",
          "处理请求的线程数，每个线程一条数据库连接"},
  Setting{"http", "connections", at<&S::http, &S::Http::connections>, Text::any, 1, 65535, {},
          "HTTP connections at a time; then who has sent no request loses his to who comes, else 503 (LIMIT-10)",
          "同时的 HTTP 连接数上限；已满时尚未发出请求的连接让位给新来者，否则应答 503（LIMIT-10）"},
  Setting{"http", "connections_per_address", at<&S::http, &S::Http::connections_per_address>, Text::any, 1, 65535, {},
          "of these one address' (of IPv6 a /64), loopback too, then 429 (LIMIT-10): a quarter, so that nobody alone takes "
          "them all; as many as there are where a proxy stands before the API",
          "其中单个地址（IPv6 按 /64，回环地址也算）的上限，超出应答 429（LIMIT-10）：取四分之一，谁也不能独占；"
          "API 前有代理时设为与 connections 相同"},
  Setting{"http", "header_s", at<&S::http, &S::Http::header_s>, Text::any, 1, 300, {},
          "seconds from connecting, or from a further request's first byte, until its whole header is here, then 408 "
          "(LIMIT-11): clients of an API are near",
          "从连接建立（或后续请求的首字节）到请求头完整的秒数，超时应答 408（LIMIT-11）：API 的客户端都在近处"},
  Setting{"http", "tls_certificate", at<&S::http, &S::Http::tls_certificate>, Text::file, 0, 0, {},
          "certificate chain (PEM) of the API, which then speaks nothing but HTTPS; read anew when it changes; empty: plain HTTP",
          "API 的证书链（PEM），设置后只提供 HTTPS；文件更新后自动重新读取；留空为明文 HTTP"},
  Setting{"http", "tls_key", at<&S::http, &S::Http::tls_key>, Text::key_file, 0, 0, {},
          "its key (PEM), not readable by everybody", "其私钥（PEM），不得对所有人可读"},
  Setting{"http", "free_failures", at<&S::http, &S::Http::free_failures>, Text::any, 0, 1000, {},
          "wrong tokens from one address before it has to wait: 1 s, doubling with each further one",
          "同一地址允许的错误令牌次数，之后须等待：从 1 秒起逐次加倍"},
  Setting{"http", "longest_backoff_s", at<&S::http, &S::Http::longest_backoff_s>, Text::any, 0, 86400, {},
          "the longest such wait in seconds; 0: nobody has to wait", "最长等待秒数；0 表示不等待"},
  Setting{"http", "hosts", at<&S::http, &S::Http::hosts>, Text::host, 0, 0, {},
          "names by which the API and downloads may be asked for, besides IP addresses, localhost, this machine's host "
          "name and public_url's; others are answered 421, for anybody can point a name of his here",
          "除 IP 地址、localhost、本机主机名与 public_url 的主机名外，访问 API 与下载服务可用的名称；其余应答 421，"
          "因为任何人都可以把自己的域名指向本机"},
  Setting{"http", "origins", at<&S::http, &S::Http::origins>, Text::origin, 0, 0, {},
          "pages that may ask, besides those of the very address that is asked, such as \"https://xgate.example.com\" "
          "behind a proxy that adds TLS; others are answered 403",
          "除与所请求地址同源的页面外，还允许哪些来源的页面发起请求，例如经 TLS 代理的 \"https://xgate.example.com\"；"
          "其余应答 403"},
  Setting{"metrics", "address", at<&S::metrics, &S::MetricsListener::address>, Text::address_or_none, 0, 0, {},
          "IP address that /metrics is served at, by plain HTTP and there alone; empty: at the API's",
          "/metrics 单独监听的 IP 地址（明文 HTTP，且只在此提供）；留空则在 API 的地址上提供"},
  Setting{"metrics", "port", at<&S::metrics, &S::MetricsListener::port>, Text::any, 0, 65535, {},
          "its port; 0: any free one", "监听端口；0 表示任取空闲端口"},
  Setting{"log", "format", at<&S::log, &S::Log::format>, Text::any, 0, 0, log_formats,
          "text, or one JSON object a line", "日志格式：文本，或每行一个 JSON 对象"},
  Setting{"log", "level", at<&S::log, &S::Log::level>, Text::any, 0, 0, log_levels,
          "the least serious that is logged", "记录的最低级别"},
  Setting{"ingest", "workers", at<&S::ingest, &S::Ingest::workers>, Text::any, 1, 64, {},
          "threads that store messages, each with a database connection",
          "报文入库线程数，每个线程一条数据库连接"},
  Setting{"ingest", "queue", at<&S::ingest, &S::Ingest::queue>, Text::any, 100, 1000000, {},
          "messages that may wait for a worker; beyond that the broker holds them",
          "每个线程等待处理的报文数上限，超出部分由 broker 暂存"},
  Setting{"ingest", "batch", at<&S::ingest, &S::Ingest::batch>, Text::any, 1, 10000, {},
          "messages committed together, at most; they never wait for one another",
          "一次提交的报文数上限；报文之间不会互相等待"},
  Setting{"time", "zone", at<&S::time, &S::Time::zone>, Text::zone, 0, 0, {},
          "time zone that update_time answers (TIME-1)", "update_time 应答中的时区（TIME-1）"},
  Setting{"keys", "tries", at<&S::keys, &S::Keys::tries>, Text::any, 1, 100, {},
          "how often a new session key is sent to a device that does not use it (KEY-1)",
          "设备未启用新会话密钥时的下发次数（KEY-1）"},
  Setting{"keys", "retry_s", at<&S::keys, &S::Keys::retry_s>, Text::any, 1, 86400, {},
          "seconds after each try until the next, and after the last one until it has failed; the last "
          "value repeats",
          "每次下发后到下一次的秒数，最后一次下发后到判为失败的秒数；最后一个值重复使用"},
  Setting{"commands", "ttl_s", at<&S::commands, &S::Commands::ttl_s>, Text::any, 1, 31536000, {},
          "seconds that a command waits for its device and its answer, where it names no time of its own",
          "命令等待设备及其应答的秒数（命令未自带有效期时）"},
  Setting{"scripts", "time_ms", at<&S::scripts, &S::Scripts::time_ms>, Text::any, 1, 10000, {},
          "milliseconds of processor time that one call of a parsing script may take (HEX-4)",
          "解析脚本单次调用的处理器时间上限，毫秒（HEX-4）"},
  Setting{"scripts", "memory_mb", at<&S::scripts, &S::Scripts::memory_mb>, Text::any, 2, 256, {},
          "megabytes that one call may use", "单次调用的内存上限，MB"},
  Setting{"scripts", "processes", at<&S::scripts, &S::Scripts::processes>, Text::any, 1, 32, {},
          "sandboxed processes that run scripts; one more is for scripts that ran over a limit lately",
          "运行脚本的沙箱进程数；另有一个进程专供近期超限的脚本"},
  Setting{"messages", "retention_days", at<&S::messages, &S::Messages::retention_days>, Text::any, 1, 36500, {},
          "days that messages, refusals and settled commands are kept", "报文、拒绝记录与已结束命令的保留天数"},
  Setting{"history", "retention_days", at<&S::history, &S::History::retention_days>, Text::any, 1, 36500, {},
          "days that the history of properties and events is kept", "属性与事件历史的保留天数"},
  Setting{"audit", "retention_days", at<&S::audit, &S::Audit::retention_days>, Text::any, 30, 36500, {},
          "days that the audit list is kept: who changed what through the API", "审计记录（谁通过 API 改了什么）的保留天数"},
  Setting{"properties", "per_device", at<&S::properties, &S::Properties::per_device>, Text::any, 1, 1000000, {},
          "identifiers of properties that one device may make up, where its product has no thing model or keeps "
          "what does not fit it (PROP-1)",
          "产品没有物模型或保留不符合物模型的上报时，单个设备可自拟的属性标识符数上限（PROP-1）"},
  Setting{"firmware", "folder", at<&S::firmware, &S::Firmware::folder>, Text::path, 0, 0, {},
          "folder of the firmware images, for this service alone", "固件文件的存放目录，仅供本服务使用"},
  Setting{"firmware", "max_mb", at<&S::firmware, &S::Firmware::max_mb>, Text::any, 1, 65536, {},
          "megabytes that one image may have", "单个固件文件的大小上限（MB）"},
  Setting{"download", "address", at<&S::download, &S::Download::address>, Text::address, 0, 0, {},
          "IP address that devices download firmware from (OTA-4)", "固件下载服务监听的 IP 地址（OTA-4）"},
  Setting{"download", "port", at<&S::download, &S::Download::port>, Text::any, 1, 65535, {},
          "its port", "监听端口"},
  Setting{"download", "public_url", at<&S::download, &S::Download::public_url>, Text::base_url, 0, 0, {},
          "what devices are told in its place, where a proxy or another address leads here; empty: "
          "http://ADDRESS:PORT, or https:// with a certificate",
          "下发给设备的下载地址前缀（经代理或另有公网地址时填写）；留空则为 http://地址:端口，有证书时为 https://"},
  Setting{"download", "connections", at<&S::download, &S::Download::connections>, Text::any, 1, 65535, {},
          "downloads at a time; then who has sent no request loses his place to who comes, else 503 (LIMIT-12)",
          "同时的下载连接数上限；已满时尚未发出请求的连接让位给新来者，否则应答 503（LIMIT-12）"},
  Setting{"download", "connections_per_address", at<&S::download, &S::Download::connections_per_address>, Text::any, 1, 65535, {},
          "of these one address' (of IPv6 a /64), loopback too, then 429 (LIMIT-12): devices behind one router take turns; as "
          "many as there are where a proxy stands before it",
          "其中单个地址（IPv6 按 /64，回环地址也算）的上限，超出应答 429（LIMIT-12）：同一路由器后的设备轮流下载；"
          "前有代理时设为与 connections 相同"},
  Setting{"download", "header_s", at<&S::download, &S::Download::header_s>, Text::any, 1, 300, {},
          "seconds from connecting, or from a further request's first byte, until its whole header is here, then 408 "
          "(LIMIT-11): a round trip by a slow radio takes up to three, TLS three of these",
          "从连接建立（或后续请求的首字节）到请求头完整的秒数，超时应答 408（LIMIT-11）：慢速无线网一次往返可达三秒，TLS 需三次"},
  Setting{"download", "tls_certificate", at<&S::download, &S::Download::tls_certificate>, Text::file, 0, 0, {},
          "certificate chain (PEM) of the downloads, which then speak nothing but HTTPS; read anew when it changes; empty: plain HTTP",
          "下载服务的证书链（PEM），设置后只提供 HTTPS；文件更新后自动重新读取；留空为明文 HTTP"},
  Setting{"download", "tls_key", at<&S::download, &S::Download::tls_key>, Text::key_file, 0, 0, {},
          "its key (PEM), not readable by everybody", "其私钥（PEM），不得对所有人可读"},
  Setting{"download", "unknown_per_hour", at<&S::download, &S::Download::unknown_per_hour>, Text::any, 0, 1'000'000, {},
          "requests with a DownID that does not exist, of one address in an hour (OTA-4); 0: no limit, as behind a proxy",
          "每个地址每小时可用不存在的 DownID 请求的次数（OTA-4）；0：不限，如在代理之后"},
};
// clang-format on

}  // namespace

std::span<const Setting> settings_table() noexcept { return table; }

std::string environment_name(const Setting& row) {
  std::string name = "XGATE_" + std::string(row.section) + "_" + std::string(row.key);
  for (char& letter : name) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return name;
}

}  // namespace xgate::config
