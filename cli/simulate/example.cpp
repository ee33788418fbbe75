// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/simulate/scenario.hpp"

namespace xgate::cli {

namespace {

// Blocks with an empty line between them. One that begins with @KIND is for products of that kind
// only, @any only where no kind was asked for.
constexpr std::string_view example =
    R"toml(# xgate simulate --scenario FILE   everything but [devices] may be left out

@any
# Keep what fits your product's kind: uplink and down are for transparent ones, report … call for JSON,
# hex for HEX; the rest is for all. 保留适合产品类型（透传、JSON、HEX）的部分。`--kind json` prints just that.

# Values in report, params, data … are JSON as TOML writes it. In a text 值的写法：
#   "20..30"  a whole number between them 随机整数     "20.0..30.0"  with one decimal 随机小数
#   "@count"  1, 2, 3 … 序号   "@time"  now in ms 当前毫秒   "@node"  the NodeEui
#   "@text 1..2"  the text after it, as it is 原样文本
# Durations are 500ms, 10s, 5m, 2h, 1d.

[devices]
product = "AA30C505"      # ProductID; the platform tells key and type 产品
first = "SIM000001"       # NodeEui of the first; its number counts on 首台设备，编号递增
count = 100               # how many; --devices N has the last word 数量
ramp = "10s"              # from the first login to the last 全部登录所用时间
stay = "2m"               # then all leave 停留时间. Without it: until every [[do]] is done, or Ctrl-C

[device]                  # what each of them is and knows 设备自身
hard_ver = "v1.0.1"
soft_ver = "v2.1.3"
modules = { mcu = "1.4" } # further modules and their versions 其他模块
time = true               # asks for the time after the login 登录后校时
reboot = "500ms"          # is away so long after an upgrade 升级后重启时间
properties = { temp = "20.0..30.0", power = "on" }   # what an ask is answered with; a set changes it
settings = { Host = "10.200.0.135", Port = 7200 }    # what config_report tells 设备配置

# ---- what it does by itself 主动行为; each [[do]] has one of uplink, report, event, history, hex,
# firmware, config, time, relogin. Then `after` (from the first login), `every`, `times` (without:
# for ever), and `expect = "4001"` where the platform is to refuse it.

@json
[[do]]                    # property report 属性上报 (16)
every = "5s"
times = 20
report = { temp = "20.0..30.0", humi = "40..60" }

@json
[[do]]                    # event 事件上报 (17)
after = "3s"
event = "alarmEvent"
params = { temp = "90..99" }

@json
[[do]]                    # history 历史数据上报 (27): so many points, each `step` later, the last is now
history = { properties = { temp = "20..30" }, events = { alarmEvent = { temp = 99 } }, points = 6, step = "10m" }

@transparent
[[do]]                    # transparent 透传上行 (4)
uplink = { deviceId = "@node", power = "0..100" }

@hex
[[do]]                    # HEX product 十六进制: as property (18), event (19), service (26) or full (28)
hex = "00f0ff01 3FA0????" # ? is any digit 任意数字
as = "property"

[[do]]
after = "30s"
relogin = "2s"            # leaves, is away that long, logs in again 断开后重新登录

[[do]]
after = "20s"
config = true             # config_report, unasked (14); likewise firmware = true (8), time = true (29)

# ---- how it answers 应答; the first [[on]] that fits holds. Without one all goes well.
# Everywhere: code, msg, data, delay = "1s", ignore = true, twice = true (answers twice),
# times = 1 (holds for the first only).

@json
[[on]]
set = "temp"              # a property 属性设置 (20); "*" is any
times = 1
code = "4001"
msg = "Failed"

@json
[[on]]
call = "switch"           # a service 服务调用 (21)
data = { on = 1 }

@json
[[on]]
ask = "humi"              # 属性查询 (23)
data = { humi = "40..60" }

@transparent
[[on]]
down = true               # downlink 透传下行 (7)
delay = "200ms"

[[on]]
config = "set"            # down_config 下发配置 (14); "get" is ask_config
ignore = true

@hex
[[on]]
hex = "call"              # 22 set, 24 call, 25 ask: an ack, then for call 26 and for ask 18 with reply
reply = "0200"

[[on]]
ota = "succeed"           # or fail (comes back with the old version), ignore, cut (resumes a download)
)toml";

}  // namespace

std::string example_scenario(std::string_view kind) {
  std::string text;
  for (std::string_view left = example; !left.empty();) {
    const std::size_t end = std::min(left.find("\n\n"), left.size());
    std::string_view block = left.substr(0, end);
    left.remove_prefix(std::min(end + 2, left.size()));
    if (block.starts_with('@')) {
      const std::size_t line = block.find('\n');
      const std::string_view of = block.substr(1, line - 1);
      if (of == "any" ? !kind.empty() : !kind.empty() && of != kind) continue;
      block.remove_prefix(line + 1);
    }
    text += (text.empty() ? "" : "\n") + std::string(block);
    if (!text.ends_with('\n')) text += '\n';
  }
  return text;
}

}  // namespace xgate::cli
