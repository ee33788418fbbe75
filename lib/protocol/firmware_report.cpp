// SPDX-License-Identifier: Apache-2.0
#include "protocol/firmware_report.hpp"

#include <utility>

#include "protocol/explain_json.hpp"
#include "protocol/json.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t max_text = 64;
constexpr int http_download = 2;

class ReportReader {
 public:
  explicit ReportReader(const json& payload) : payload_(payload) {}

  void text(const char* name, std::string& out) {
    const auto member = payload_.find(name);
    if (member == payload_.end()) return refuse(missing_member(payload_, name));
    if (!member->is_string()) return refuse(name, "is not a string");
    const auto& value = member->get_ref<const std::string&>();
    if (value.empty() || value.size() > max_text) return refuse(name, "is not of 1 to 64 bytes");
    out = value;
  }

  void type(int& out) {
    const auto member = payload_.find("Type");
    if (member == payload_.end())
      return refuse(missing_member(payload_, "Type") + ": send 2 (HTTP)");
    if (whole_number(*member) != http_download) {
      return refuse("Type", "is not the number 2 (HTTP), the only way to upgrade over MQTT");
    }
    out = http_download;
  }

  std::string take_problem() { return std::move(problem_); }

 private:
  void refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void refuse(const char* name, std::string_view what) {
    refuse(std::string(name) + ' ' + std::string(what));
  }

  const json& payload_;
  std::string problem_;
};

}  // namespace

tl::expected<FirmwareReport, FrameRefusal> parse_firmware_report(const Frame& frame,
                                                                 const json& payload) {
  const auto refuse = [&](std::string reason) {
    return tl::make_unexpected(
        FrameRefusal{"FW-1", std::move(reason), frame.message_id, frame.header_ctrl});
  };
  if (!payload.is_object()) return refuse("Payload is not an object");
  FirmwareReport report;
  ReportReader reader(payload);
  reader.text("HardVer", report.hard_ver);
  reader.text("SoftVer", report.soft_ver);
  reader.type(report.type);
  const json* module = present_member(payload, "Module");
  const bool is_named =
      module != nullptr && !(module->is_string() && module->get_ref<const std::string&>().empty());
  if (is_named) reader.text("Module", report.module);
  if (auto problem = reader.take_problem(); !problem.empty()) return refuse(std::move(problem));
  return report;
}

}  // namespace xgate::protocol
