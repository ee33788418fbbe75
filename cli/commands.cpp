// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "cli/audit.hpp"
#include "cli/cipher.hpp"
#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/device.hpp"
#include "cli/device_commands.hpp"
#include "cli/device_csv.hpp"
#include "cli/firmware.hpp"
#include "cli/login_params.hpp"
#include "cli/manual.hpp"
#include "cli/messages.hpp"
#include "cli/model.hpp"
#include "cli/product.hpp"
#include "cli/script.hpp"
#include "cli/send.hpp"
#include "cli/service.hpp"
#include "cli/simulate/command.hpp"
#include "cli/thing_data.hpp"
#include "cli/token.hpp"
#include "cli/upgrade.hpp"
#include "cli/vendor.hpp"
#include "cli/version.hpp"

namespace xgate::cli {
namespace {

// In the order of the help.
constexpr std::array all_commands{
    Command{"vendor add", "Add a vendor account · 添加厂商", Needs::service, &declare_vendor_add,
            "vendor add --name Lierda\n"
            "vendor add --name Lierda --open-id 7ED01E2A"},
    Command{"vendor list", "List the vendors · 列出厂商", Needs::service, &declare_vendor_list,
            "vendor list --json"},
    Command{"vendor set", "Rename, enable or disable a vendor · 修改厂商", Needs::service,
            &declare_vendor_set, "vendor set 7ED01E2A --enabled off"},

    Command{"product add", "Add a product · 添加产品", Needs::service, &declare_product_add,
            "product add --vendor 7ED01E2A --name meter --auth 0 --kind transparent\n"
            "product add --vendor 7ED01E2A --name lock --auth 2 --kind json --encrypted "
            "--key-lifetime 48h\n"
            "product add --vendor 7ED01E2A --name old --auth 0 --kind json --product-id AA30C505 "
            "--product-key-file key.txt"},
    Command{"product list", "List the products · 列出产品", Needs::service, &declare_product_list,
            "product list --vendor 7ED01E2A"},
    Command{"product show", "Show a product · 查看产品", Needs::service, &declare_product_show,
            "product show AA30C505"},
    Command{"product set", "Change a product's settings · 修改产品设置", Needs::service,
            &declare_product_set,
            "product set AA30C505 --reauth until_activated --key-lifetime 7d"},
    Command{"product delete", "Delete a product without devices · 删除没有设备的产品",
            Needs::service, &declare_product_delete, "product delete AA30C505"},

    Command{"model set", "Store or check a product's thing model · 设置或检查物模型",
            Needs::service, &declare_model_set,
            "model set AA30C505 meter.json --check\n"
            "model set AA30C505 meter.json"},
    Command{"model show", "Print a product's thing model · 查看物模型", Needs::service,
            &declare_model_show, "model show AA30C505 > meter.json"},

    Command{"script set", "Give a HEX product its parsing script · 上传解析脚本", Needs::service,
            &declare_script_set, "script set AA30C505 parse.js"},
    Command{"script show", "Print a product's parsing script · 显示解析脚本", Needs::service,
            &declare_script_show,
            "script show AA30C505 > parse.js\n"
            "script show AA30C505 --version 1"},
    Command{"script test", "Run a parsing script on bytes or JSON · 试运行解析脚本", Needs::service,
            &declare_script_test,
            "script test AA30C505 --hex 00f0ff013FA00000\n"
            "script test AA30C505 --file parse.js --json "
            "'{\"method\":\"thing.service.property.get\",\"params\":[\"temp\"]}'"},

    Command{"device add", "Register a device · 注册设备", Needs::service, &declare_device_add,
            "device add AA30C505.20MQTTJ000121\n"
            "device add AA30C505.20MQTTJ000121 --secret-file secret.txt\n"
            "device add AA30C505.METER0001 --count 100\n"
            "device add AA30C505 --count 100"},
    Command{"device show", "Show a device, its state and its login · 查看设备", Needs::service,
            &declare_device_show, "device show AA30C505.20MQTTJ000121"},
    Command{"device list", "List a product's devices · 列出设备", Needs::service,
            &declare_device_list, "device list --product AA30C505 --state online"},
    Command{"device enable", "Let a device in again · 启用设备", Needs::service,
            &declare_device_enable, "device enable AA30C505.20MQTTJ000121"},
    Command{"device disable", "Lock a device out, at once · 禁用设备，立即生效", Needs::service,
            &declare_device_disable, "device disable AA30C505.20MQTTJ000121"},
    Command{"device kick",
            "End a device's connection; it may log in again · 断开设备连接，可重新登录",
            Needs::service, &declare_device_kick, "device kick AA30C505.20MQTTJ000121"},
    Command{"device unlock",
            "Forget failed logins: its next wrong one counts as the first (V2-6) · "
            "清除登录失败记录，重新计数（V2-6）",
            Needs::service, &declare_device_unlock, "device unlock AA30C505.20MQTTJ000121"},
    Command{"device reset", "Back to unactivated: keys and times forgotten · 恢复为未激活",
            Needs::service, &declare_device_reset, "device reset AA30C505.20MQTTJ000121"},
    Command{"device delete", "Delete a device · 删除设备", Needs::service, &declare_device_delete,
            "device delete AA30C505.20MQTTJ000121"},
    Command{"device import", "Register devices from a CSV file · 从 CSV 批量注册设备",
            Needs::service, &declare_device_import,
            "device import devices.csv\n"
            "|cut -d, -f1,2 list.csv | xgate device import -"},
    Command{"device export", "The production line's list as CSV · 导出产线烧录清单 CSV",
            Needs::service, &declare_device_export,
            "device export --product AA30C505 > AA30C505.csv"},

    Command{"send", "Tell or ask a device something · 向设备下发命令", Needs::service,
            &declare_send,
            "send AA30C505.20MQTTJ000121 down --data '{\"on\":1}' --wait 30s\n"
            "send AA30C505.20MQTTJ000121 set temp=25 mode=auto --ttl 1h\n"
            "send AA30C505.20MQTTJ000121 ask temp --wait 10s --json\n"
            "send AA30C505.20MQTTJ000121 call reset delay=5\n"
            "send AA30C505.20MQTTJ000121 config-set '{\"Port\":7200}'"},
    Command{"commands", "What a device was told and asked, and the results · 设备的命令及结果",
            Needs::service, &declare_device_commands,
            "commands AA30C505.20MQTTJ000121 --state queued\n"
            "commands AA30C505 --open"},
    Command{"command show", "Show one command · 查看一条命令", Needs::service,
            &declare_command_show, "command show 12"},
    Command{"command cancel", "Give a command up · 取消一条命令", Needs::service,
            &declare_command_cancel, "command cancel 12"},

    Command{"firmware add", "Upload a firmware image · 上传固件", Needs::service,
            &declare_firmware_add,
            "firmware add AA30C505 meter-2.1.4.bin --version v2.1.4\n"
            "firmware add AA30C505 radio.bin --version r7 --module radio"},
    Command{"firmware list", "A product's firmware images · 列出固件", Needs::service,
            &declare_firmware_list, "firmware list AA30C505"},
    Command{"firmware delete",
            "Delete an image that no live upgrade uses · 删除没有进行中升级的固件", Needs::service,
            &declare_firmware_delete, "firmware delete 7"},
    Command{"upgrade start", "Bring a firmware to devices · 创建升级任务", Needs::service,
            &declare_upgrade_start,
            "upgrade start AA30C505 --version v2.1.4 --all --percent 5\n"
            "upgrade start AA30C505 --version v2.1.4 --devices AA30C505.20MQTTJ000121 "
            "--time-limit 2h"},
    Command{"upgrade list", "Upgrade jobs · 列出升级任务", Needs::service, &declare_upgrade_list,
            "upgrade list --product AA30C505\n"
            "upgrade list --device AA30C505.20MQTTJ000121"},
    Command{"upgrade show", "A job, and how far its devices are · 查看升级任务及各状态台数",
            Needs::service, &declare_upgrade_show,
            "upgrade show 3\n"
            "upgrade show 3 --devices --state failed"},
    Command{"upgrade advance", "Let more of its devices begin · 放开更多设备", Needs::service,
            &declare_upgrade_advance, "upgrade advance 3 --percent 50"},
    Command{"upgrade cancel", "End a job · 取消升级任务", Needs::service, &declare_upgrade_cancel,
            "upgrade cancel 3"},
    Command{"upgrade retry", "Failed and timed-out devices once more · 失败和超时的设备重试",
            Needs::service, &declare_upgrade_retry,
            "upgrade retry 3\n"
            "upgrade retry 3 --devices AA30C505.20MQTTJ000121"},

    Command{"messages", "What a device sent and was answered · 设备上报及应答", Needs::service,
            &declare_messages,
            "messages AA30C505.20MQTTJ000121 --limit 50\n"
            "messages AA30C505.20MQTTJ000121 --follow --json"},
    Command{"properties", "A device's latest property values · 设备最新属性值", Needs::service,
            &declare_properties, "properties AA30C505.20MQTTJ000121"},
    Command{"events", "The events of a device · 设备事件", Needs::service, &declare_events,
            "events AA30C505.20MQTTJ000121 --type error --from 24h\n"
            "events AA30C505.20MQTTJ000121 --identifier overheat --limit 5 --json"},
    Command{"history", "A property over time · 属性历史数据", Needs::service, &declare_history,
            "history AA30C505.20MQTTJ000121 temp --from 2h\n"
            "history AA30C505.20MQTTJ000121 temp --from 2026-11-23T00:00:00+08:00 --limit 1000 "
            "--json"},
    Command{"refusals", "What was refused, and why · 被拒绝的登录、发布和订阅及原因",
            Needs::service, &declare_refusals,
            "refusals --follow\n"
            "refusals AA30C505.20MQTTJ000121 --limit 5"},

    Command{"audit", "Who changed what, and who was shown secrets · 谁改了什么，谁查看过密钥",
            Needs::service, &declare_audit,
            "audit AA30C505.20MQTTJ000121\n"
            "audit --token 2 --since 24h"},

    Command{"token add", "Make an API token · 新建 API 令牌", Needs::service, &declare_token_add,
            "token add bench --role operate > bench.token\n"
            "token add acme --role read --vendor 7ED01E2A --expires 30d > acme.token"},
    Command{"token list", "The API tokens and when they were last used · 列出令牌及最近使用时间",
            Needs::service, &declare_token_list, "token list"},
    Command{"token revoke", "A token that is lost or not needed any more · 吊销令牌",
            Needs::service, &declare_token_revoke, "token revoke 2"},

    Command{"login-params", "A device's MQTT login · 参数生成工具", Needs::nothing,
            &declare_login_params,
            "login-params --open-id 7ED01E2A --product-id AA30C505 --node-eui 20MQTTJ000121 "
            "--product-key-file key.txt --device-secret-file secret.txt --type 0"},
    Command{"encrypt", "AES-128-ECB-PKCS5 of a text, as hex · 加密", Needs::nothing,
            &declare_encrypt, "|echo '{\"power\":99}' | xgate encrypt --key-file session.txt"},
    Command{"decrypt", "The text of a payload · 解密", Needs::nothing, &declare_decrypt,
            "decrypt --key-file session.txt CB96395F5065FD121D88B1593EFE44EA…"},
    Command{"session-key", "A session key out of SessionID and Nonce · 计算会话密钥",
            Needs::nothing, &declare_session_key,
            "session-key --session-id 4655434B --nonce 128 --product-key-file key.txt"},

    Command{"simulate",
            "One device goes the whole way of the protocol, or many act a scenario · "
            "模拟一台设备走完整个流程，或按场景模拟多台设备",
            Needs::service, &declare_simulate,
            "simulate AA30C505.20MQTTJ000121\n"
            "simulate AA30C505.20MQTTJ000121 --count 100 --interval-ms 50 --linger-ms 10000\n"
            "simulate --example --kind json > scenario.toml\n"
            "simulate --scenario scenario.toml --devices 1000"},

    Command{"serve", "Run the service · 运行服务", Needs::own, &declare_serve,
            "serve --config /etc/xgate/xgate.toml"},
    Command{"migrate", "Bring the database to this program's schema · 升级数据库结构", Needs::own,
            &declare_migrate,
            "migrate --config /etc/xgate/xgate.toml\n"
            "migrate --database 'host=/run/postgresql dbname=xgate'"},
    Command{"config",
            "The service's settings file, or a device's settings · 服务配置文件，或设备配置",
            Needs::service, &declare_config,
            "config > xgate.toml\n"
            "config --check /etc/xgate/xgate.toml\n"
            "config AA30C505.20MQTTJ000121"},
    Command{"completion", "A script that completes commands in a shell · 生成命令补全脚本",
            Needs::own, &declare_completion, "|source <(xgate completion bash)"},
    Command{"manual", "Write the pages of man(1) · 生成 man 手册页", Needs::own, &declare_manual,
            "manual ~/.local/share/man"},
    Command{"version", "Print the version · 显示版本", Needs::nothing, &declare_version, ""},
};

constexpr std::array all_groups{
    Group{"vendor", "Vendor accounts (OpenID) · 厂商"},
    Group{"product", "Products · 产品"},
    Group{"model", "Thing models · 物模型"},
    Group{"device", "Devices · 设备"},
    Group{"script", "Parsing scripts of HEX products · 解析脚本"},
    Group{"command", "Commands to devices · 下发的命令"},
    Group{"firmware", "Firmware images · 固件"},
    Group{"upgrade", "Upgrade jobs (OTA) · 升级任务"},
    Group{"token", "API tokens · API 令牌"},
};

}  // namespace

std::span<const Command> commands() noexcept { return all_commands; }
std::span<const Group> groups() noexcept { return all_groups; }

}  // namespace xgate::cli
