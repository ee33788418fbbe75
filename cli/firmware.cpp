// SPDX-License-Identifier: Apache-2.0
#include "cli/firmware.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"

namespace xgate::cli {
namespace {

struct CopyCloser {
  void operator()(std::FILE* file) const noexcept { (void)std::fclose(file); }
};
using Copy = std::unique_ptr<std::FILE, CopyCloser>;

/// Standard input, whose size nobody knows before its end: a copy on disk that is gone with the
/// program.
Result<Copy> copy_of_input(const Environment& env) {
  Copy copy(std::tmpfile());
  bool whole = copy != nullptr;
  std::array<char, 65536> block{};
  while (whole && env.in.good()) {
    env.in.read(block.data(), block.size());
    const auto size = static_cast<std::size_t>(env.in.gcount());
    whole = std::fwrite(block.data(), 1, size, copy.get()) == size;
  }
  if (!whole || std::fflush(copy.get()) != 0) {
    return failed("cannot keep standard input: " + std::system_category().message(errno));
  }
  return copy;
}

}  // namespace

Handler declare_firmware_add(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string file;
    std::string version;
    std::string module;
    std::string name;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  app.add_option("file", options->file,
                 "the firmware, - is standard input · 固件文件，- 为标准输入")
      ->type_name("FILE")
      ->required();
  add_text(app, "--version", options->version, "V",
           "as devices report it in SoftVer (FW-1) · 版本号，与设备上报的 SoftVer 一致（FW-1）")
      ->required();
  add_text(app, "--module", options->module, "M",
           "the module it is for; default where not given · 所属模块，默认 default");
  add_text(
      app, "--name", options->name, "NAME",
      "the name that devices are told; the file's where not given · 下发的文件名，默认取文件的");
  return [options](const Context& context) -> Outcome {
    const bool from_input = options->file == "-";
    if (from_input && options->name.empty()) return misused("standard input needs a --name");
    const std::filesystem::path path(options->file);
    std::error_code error;
    if (!from_input && !std::filesystem::is_regular_file(path, error)) {
      return failed(options->file + " is no file that can be read");
    }
    const std::string name = options->name.empty() ? path.filename().string() : options->name;
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    Result<Copy> copy;
    if (from_input) copy = copy_of_input(context.env);
    if (!copy) return tl::unexpected(copy.error());
    const auto image = api->post_file(
        with_query("/products/" + options->product_id + "/firmware",
                   {{"version", options->version}, {"module", options->module}, {"name", name}}),
        from_input ? "/proc/self/fd/" + std::to_string(::fileno(copy->get())) : options->file);
    if (!image) return tl::unexpected(image.error());
    print_object(context, *image,
                 {"image_id", "product_id", "module", "version", "file_name", "size", "md5",
                  "sha256", "created_at"});
    return {};
  };
}

Handler declare_firmware_list(CLI::App& app) {
  auto product_id = std::make_shared<std::string>();
  add_product_id(app, "product_id", *product_id)->required();
  return [product_id](const Context& context) {
    const auto row = [](const Json& image) {
      return std::vector<Cell>{member_text(image, "image_id"),
                               member_text(image, "module"),
                               member_text(image, "version"),
                               member_text(image, "size"),
                               member_text(image, "file_name"),
                               member_text(image, "md5"),
                               local_time(member_text(image, "created_at"))};
    };
    return print_listing(context,
                         {.target = "/products/" + *product_id + "/firmware",
                          .query = {},
                          .limit = {},
                          .columns = {{"image_id"},
                                      {"module"},
                                      {"version"},
                                      {"size"},
                                      {"file_name", Yields::first},
                                      {"md5"},
                                      {time_heading("created")}},
                          .row = row,
                          .when_empty = "no firmware yet; see: xgate firmware add --help"});
  };
}

Handler declare_firmware_delete(CLI::App& app) {
  auto image_id = std::make_shared<std::int64_t>(0);
  add_number(app, "image_id", *image_id, 1, INT64_MAX, "as firmware list shows it · 固件编号")
      ->required();
  return [image_id](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const std::string id = std::to_string(*image_id);
    Outcome done = api->remove("/firmware/" + id);
    if (!done) return done;
    if (context.global.json) {
      context.print({{"image_id", *image_id}, {"deleted", true}});
    } else {
      context.say("firmware image " + id + " is deleted");
    }
    return {};
  };
}

}  // namespace xgate::cli
