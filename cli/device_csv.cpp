// SPDX-License-Identifier: Apache-2.0
#include "cli/device_csv.hpp"

#include <cerrno>
#include <fstream>
#include <istream>
#include <memory>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"

namespace xgate::cli {
namespace {

// Small enough to show progress and to stay far below what the service takes in one request.
constexpr std::int64_t lines_a_request = 1000;

struct Totals {
  std::int64_t imported = 0;
  std::int64_t unchanged = 0;
  std::int64_t rejected = 0;
  Json errors = Json::array();
};

// Spreadsheets write a byte order mark and CRLF.
bool next_line(std::istream& stream, std::string& line) {
  if (!std::getline(stream, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

std::int64_t count_in(const Json& answer, const char* name) {
  const auto member = answer.find(name);
  return member != answer.end() && member->is_number_integer() ? member->get<std::int64_t>() : 0;
}

class Import {
 public:
  Import(const Context& context, Api& api, std::string source, std::string devices)
      : context_(context), api_(api), source_(std::move(source)), devices_(std::move(devices)) {}
  Outcome run(std::istream& stream);

 private:
  Outcome send(std::string csv, std::int64_t first_line);
  void show_progress(std::int64_t lines) const;
  std::string summary() const;
  Outcome finish() const;

  const Context& context_;
  Api& api_;
  std::string source_;
  std::string devices_;
  Totals totals_;
};

Outcome Import::run(std::istream& stream) {
  std::string header;
  if (!next_line(stream, header)) {
    return failed(source_ + " is empty; its first line must be product_id,node_eui,device_secret");
  }
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (header.starts_with(byte_order_mark)) header.erase(0, byte_order_mark.size());
  header += '\n';

  std::string csv = header;
  std::int64_t first = 2;
  std::int64_t number = 1;
  std::string line;
  while (next_line(stream, line)) {
    ++number;
    csv += line + '\n';
    if (number - first + 1 < lines_a_request) continue;
    if (Outcome sent = send(std::move(csv), first); !sent) return sent;
    csv = header;
    first = number + 1;
  }
  if (first <= number || number == 1) {
    if (Outcome sent = send(std::move(csv), first); !sent) return sent;
  }
  return finish();
}

Outcome Import::send(std::string csv, std::int64_t first_line) {
  show_progress(first_line - 2);
  const Result<Json> answer = api_.post_csv("/devices/import", std::move(csv));
  show_progress(0);
  if (!answer) {
    Failure failure = answer.error();
    if (first_line > 2) {
      failure.sentence += "; the lines before line " + std::to_string(first_line) +
                          " are imported, and importing them again changes nothing";
    }
    return tl::unexpected(failure);
  }
  totals_.imported += count_in(*answer, "imported");
  totals_.unchanged += count_in(*answer, "unchanged");
  totals_.rejected += count_in(*answer, "rejected");
  const auto errors = answer->find("errors");
  if (errors == answer->end() || !errors->is_array()) return {};
  for (Json error : *errors) {
    // the service counts from the header that leads every request
    const std::int64_t line = first_line + count_in(error, "line") - 2;
    error["line"] = line;
    if (!context_.global.json) {
      const std::string reason = member_text(error, "reason");
      const std::string sentence = source_ + ':' + std::to_string(line) + ": " + reason;
      context_.env.err << texts::in(context_.env.language, sentence) << '\n';
    }
    totals_.errors.push_back(std::move(error));
  }
  return {};
}

// One line that rewrites itself; 0 takes it away.
void Import::show_progress(std::int64_t lines) const {
  if (!context_.env.err_is_terminal) return;
  context_.env.err << "\r\x1b[K";
  if (lines > 0) context_.env.err << lines << " lines …";
  context_.env.err.flush();
}

std::string Import::summary() const {
  const std::string added = std::to_string(totals_.imported);
  const std::string unchanged = std::to_string(totals_.unchanged);
  const std::string refused = ", refused " + std::to_string(totals_.rejected);
  if (devices_.empty()) return "imported " + added + ", unchanged " + unchanged + refused;
  return devices_ + ": registered " + added + ", were there already " + unchanged +
         (totals_.rejected == 0 ? "" : refused);
}

Outcome Import::finish() const {
  const std::int64_t refused = totals_.rejected;
  if (context_.global.json) {
    context_.print({{"imported", totals_.imported},
                    {"unchanged", totals_.unchanged},
                    {"rejected", refused},
                    {"errors", totals_.errors}});
  } else {
    context_.say(summary());
  }
  if (refused == 0) return {};
  return failed(std::to_string(refused) + (refused == 1 ? " line was" : " lines were") +
                " refused; correct and import again, the others stay as they are");
}

// A line of RFC 4180 CSV without line breaks inside a field: identities and keys have none.
std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && line.substr(i + 1).starts_with('"')) {
      fields.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

Json csv_to_json(std::string_view csv) {
  Json array = Json::array();
  std::vector<std::string> header;
  while (!csv.empty()) {
    const std::size_t end = std::min(csv.find('\n'), csv.size());
    const std::vector<std::string> fields = csv_fields(csv.substr(0, end));
    csv.remove_prefix(std::min(end + 1, csv.size()));
    if (header.empty()) {
      header = fields;
      continue;
    }
    Json row = Json::object();
    for (std::size_t i = 0; i < header.size() && i < fields.size(); ++i) row[header[i]] = fields[i];
    array.push_back(std::move(row));
  }
  return array;
}

/// And takes them out of the text.
void print_whole_lines(const Output& out, std::string& csv) {
  const std::size_t end = csv.rfind('\n');
  if (end == std::string::npos) return;
  out.document(std::string_view(csv).substr(0, end + 1));
  csv.erase(0, end + 1);
}

}  // namespace

Outcome import_devices(const Context& context, const std::string& source, std::istream& csv,
                       const std::string& devices) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  return Import(context, *api, source, devices).run(csv);
}

Handler declare_device_import(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  app.add_option("file", *file,
                 "CSV with the heading product_id,node_eui[,device_secret], or an exported list, - "
                 "is standard "
                 "input · CSV 文件（也可为导出的清单），- 为标准输入")
      ->type_name("FILE")
      ->required();
  return [file](const Context& context) -> Outcome {
    std::ifstream stream;
    if (*file != "-") {
      stream.open(*file);
      // opening a folder works, reading from it does not
      if (!stream || (stream.peek() == EOF && stream.bad())) {
        return failed("cannot read " + *file + ": " + std::system_category().message(errno));
      }
      stream.clear();
    }
    if (*file == "-") return import_devices(context, "standard input", context.env.in);
    return import_devices(context, *file, stream);
  };
}

Handler declare_device_export(CLI::App& app) {
  auto product_id = std::make_shared<std::string>();
  auto reveal = std::make_shared<bool>(false);
  add_product_id(app, "--product", *product_id)->required();
  add_reveal(app, *reveal);
  return [product_id, reveal](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const std::string target = with_query(
        "/devices/export", {{"product_id", *product_id}, {"reveal", *reveal ? "true" : ""}});
    std::string csv;  // all of it, or what the last part has of a line
    Outcome done = api->download(target, [&](std::string_view part) {
      csv += part;
      if (!context.global.json) print_whole_lines(context.env.out, csv);
    });
    if (done && context.global.json) {
      context.print(csv_to_json(csv));
    } else {
      context.env.out.document(csv);
    }
    return done;
  };
}

}  // namespace xgate::cli
