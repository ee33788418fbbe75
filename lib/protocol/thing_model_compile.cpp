// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "protocol/json.hpp"
#include "protocol/thing_model_types.hpp"
#include "protocol/topic.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t most_problems = 50;
constexpr std::size_t most_definitions = 5000;
constexpr int deepest = 5;  ///< levels of struct and array
constexpr std::size_t longest_text = 256UL * 1024;
constexpr std::size_t usual_text = 10240;
constexpr std::size_t longest_array = 10000;
constexpr std::size_t usual_array = 512;

constexpr double least_int = std::numeric_limits<std::int32_t>::min();
constexpr double greatest_int = std::numeric_limits<std::int32_t>::max();

std::optional<DataKind> data_kind_from(std::string_view text) noexcept {
  for (int i = 0; i <= static_cast<int>(DataKind::array); ++i) {
    if (to_string(static_cast<DataKind>(i)) == text) return static_cast<DataKind>(i);
  }
  return std::nullopt;
}

/// What the platform's own exports carry beside what people defined: reporting, setting and getting
/// properties, with lists of properties, or of their names, as parameters.
bool is_built_in(const json& entry) {
  const json* method = present_member(entry, "method");
  if (method == nullptr || !method->is_string()) return false;
  const auto& text = method->get_ref<const std::string&>();
  return text.ends_with("property.post") || text.ends_with("property.set") ||
         text.ends_with("property.get");
}

/// Reads a document and gathers what is wrong with it. Every function goes on after a problem, so
/// that all are told at once.
class Compiler {
 public:
  ThingModel::Impl model;
  std::vector<ModelProblem> problems;

  void document(const json& root) {
    if (!root.is_object()) return fail("", "a thing model is a JSON object");
    bool any = sections(root, "", "");
    // What Alibaba Cloud calls modules: their identifiers are headed by the module's.
    if (const json* blocks = list(root, "", "functionBlocks")) {
      for (std::size_t i = 0; i < blocks->size() && !full(); ++i) {
        const std::string pointer = "/functionBlocks/" + std::to_string(i);
        if (!(*blocks)[i].is_object()) {
          fail(pointer, "must be an object");
          continue;
        }
        const std::string id = identifier((*blocks)[i], pointer, "functionBlockId");
        any = sections((*blocks)[i], pointer, id + ":") || any;
      }
    }
    if (!any) fail("", R"(has neither "properties" nor "events" nor "services")");
    sort(model.properties, "/properties");
    sort(model.events, "/events");
    sort(model.services, "/services");
  }

 private:
  bool full() const { return problems.size() >= most_problems; }

  void fail(std::string pointer, std::string detail) {
    if (!full()) problems.push_back({std::move(pointer), std::move(detail)});
  }

  bool sections(const json& object, const std::string& pointer, const std::string& prefix) {
    entries(object, pointer, "properties",
            [&](const json& entry, const std::string& at) { property(entry, at, prefix); });
    entries(object, pointer, "events",
            [&](const json& entry, const std::string& at) { event(entry, at, prefix); });
    entries(object, pointer, "services",
            [&](const json& entry, const std::string& at) { service(entry, at, prefix); });
    return object.contains("properties") || object.contains("events") ||
           object.contains("services");
  }

  const json* list(const json& object, const std::string& pointer, std::string_view name) {
    const json* found = present_member(object, name);
    if (found == nullptr || found->is_array()) return found;
    fail(pointer + '/' + std::string(name), "must be an array");
    return nullptr;
  }

  template <class Read>
  void entries(const json& object, const std::string& pointer, std::string_view name,
               const Read& read) {
    const json* found = list(object, pointer, name);
    if (found == nullptr) return;
    for (std::size_t i = 0; i < found->size() && !full(); ++i) {
      const std::string at = pointer + '/' + std::string(name) + '/' + std::to_string(i);
      if (++definitions_ > most_definitions) {
        return fail(at,
                    "the model has more than " + std::to_string(most_definitions) + " definitions");
      }
      if ((*found)[i].is_object()) {
        read((*found)[i], at);
      } else {
        fail(at, "must be an object");
      }
    }
  }

  std::string identifier(const json& entry, const std::string& pointer,
                         std::string_view name = "identifier") {
    const json* found = present_member(entry, name);
    if (found != nullptr && found->is_string() &&
        is_simple_identifier(found->get_ref<const std::string&>())) {
      return found->get<std::string>();
    }
    fail(pointer + '/' + std::string(name),
         "must be a text of 1 to 64 letters, digits, \"_\" and \"-\"");
    return {};
  }

  std::string one_of(const json& entry, const std::string& pointer, std::string_view name,
                     std::initializer_list<std::string_view> choices) {
    std::string allowed;
    const json* found = present_member(entry, name);
    for (const auto choice : choices) {
      if (found != nullptr && *found == choice) return std::string(choice);
      allowed += (allowed.empty() ? "\"" : ", \"") + std::string(choice) + '"';
    }
    fail(pointer + '/' + std::string(name), "must be one of " + allowed);
    return {};
  }

  static std::string text(const json& entry, std::string_view name) {
    const json* found = present_member(entry, name);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
  }

  Parameter parameter(const json& entry, const std::string& pointer, int depth,
                      const std::string& prefix = {}) {
    Parameter made;
    made.identifier = prefix + identifier(entry, pointer);
    made.name = text(entry, "name");
    made.pointer = pointer;
    const json* type = present_member(entry, "dataType");
    if (type != nullptr && type->is_object()) {
      made.type = data_type(*type, pointer + "/dataType", depth);
    } else {
      fail(pointer + "/dataType", "must be an object with \"type\" and \"specs\"");
    }
    return made;
  }

  std::vector<Parameter> parameters(const json& entry, const std::string& pointer,
                                    std::string_view name) {
    std::vector<Parameter> made;
    entries(entry, pointer, name, [&](const json& each, const std::string& at) {
      made.push_back(parameter(each, at, 0));
    });
    sort(made, pointer + '/' + std::string(name));
    return made;
  }

  void property(const json& entry, const std::string& pointer, const std::string& prefix) {
    Parameter made = parameter(entry, pointer, 0, prefix);
    const std::string mode = one_of(entry, pointer, "accessMode", {"r", "rw", "w"});
    made.readable = mode.find('r') != std::string::npos;
    made.writable = mode.find('w') != std::string::npos;
    model.properties.push_back(std::move(made));
  }

  void event(const json& entry, const std::string& pointer, const std::string& prefix) {
    if (is_built_in(entry)) return;
    model.events.push_back({prefix + identifier(entry, pointer), pointer,
                            one_of(entry, pointer, "type", {"info", "alert", "error"}),
                            parameters(entry, pointer, "outputData")});
  }

  void service(const json& entry, const std::string& pointer, const std::string& prefix) {
    if (is_built_in(entry)) return;
    model.services.push_back({prefix + identifier(entry, pointer), pointer,
                              parameters(entry, pointer, "inputData"),
                              parameters(entry, pointer, "outputData")});
  }

  /// By identifier; one that stands there twice is told.
  template <class Entry>
  void sort(std::vector<Entry>& entries, const std::string& pointer) {
    std::ranges::stable_sort(entries, {}, &Entry::identifier);
    for (std::size_t i = 1; i < entries.size(); ++i) {
      if (!entries[i].identifier.empty() && entries[i].identifier == entries[i - 1].identifier) {
        fail(entries[i].pointer.empty() ? pointer : entries[i].pointer + "/identifier",
             "\"" + entries[i].identifier + "\" stands there twice");
      }
    }
  }

  DataType data_type(const json& node, const std::string& pointer, int depth) {
    DataType made;
    const json* name = present_member(node, "type");
    const auto kind = name != nullptr && name->is_string()
                          ? data_kind_from(name->get_ref<const std::string&>())
                          : std::nullopt;
    if (!kind) {
      fail(
          pointer + "/type",
          R"(must be "int", "float", "double", "bool", "enum", "text", "date", "struct" or "array")");
      return made;
    }
    made.kind = *kind;
    const std::string at = pointer + "/specs";
    static const json none = json::object();
    const json* specs = present_member(node, "specs");
    if (specs == nullptr) specs = &none;
    if (*kind == DataKind::structure) {
      structure(*specs, at, depth, made);
      return made;
    }
    if (!specs->is_object()) {
      fail(at, "must be an object");
      return made;
    }
    scalar_or_array(*specs, at, depth, made);
    return made;
  }

  void scalar_or_array(const json& specs, const std::string& pointer, int depth, DataType& made) {
    switch (made.kind) {
      case DataKind::whole:
        return range(specs, pointer, least_int, greatest_int, made);
      case DataKind::single:
        return range(specs, pointer, -std::numeric_limits<float>::max(),
                     std::numeric_limits<float>::max(), made);
      case DataKind::dual:
        return range(specs, pointer, -std::numeric_limits<double>::max(),
                     std::numeric_limits<double>::max(), made);
      case DataKind::boolean:
      case DataKind::enumeration:
        return labels(specs, pointer, made);
      case DataKind::text:
        made.most = count(specs, pointer, "length", usual_text, longest_text);
        return;
      case DataKind::array:
        made.most = count(specs, pointer, "size", usual_array, longest_array);
        return array(specs, pointer, depth, made);
      case DataKind::date:
      case DataKind::structure:
        return;
    }
  }

  /// Exports have numbers as texts, and empty texts where there is none.
  std::optional<double> number(const json& specs, const std::string& pointer,
                               std::string_view name) {
    const json* found = present_member(specs, name);
    if (found == nullptr) return std::nullopt;
    if (found->is_number()) return found->get<double>();
    if (found->is_string()) {
      const auto& digits = found->get_ref<const std::string&>();
      if (digits.empty()) return std::nullopt;
      if (const auto read = number_of(digits)) return read;
    }
    fail(pointer + '/' + std::string(name), R"(must be a number, as in "100" or 100)");
    return std::nullopt;
  }

  void range(const json& specs, const std::string& pointer, double least, double greatest,
             DataType& made) {
    made.unit = text(specs, "unit");
    made.min = least;
    made.max = greatest;
    for (const auto& [name, target] : {std::pair("min", &made.min), {"max", &made.max}}) {
      const auto bound = number(specs, pointer, name);
      if (!bound) continue;
      // Java and C print a float's last bound with fewer digits than it has: 3.4028235E38.
      const double held = as_held(made.kind, *bound);
      if (held < least || held > greatest) {
        fail(pointer + '/' + name,
             "is beyond what the type \"" + std::string(to_string(made.kind)) + "\" can hold");
      } else if (made.kind == DataKind::whole && *bound != std::floor(*bound)) {
        fail(pointer + '/' + name, "must be a whole number");
      } else {
        *target = *bound;
      }
    }
    if (made.min > made.max) fail(pointer + "/max", "is less than \"min\"");
    (void)number(specs, pointer, "step");  // must be one where it is there
  }

  std::size_t count(const json& specs, const std::string& pointer, std::string_view name,
                    std::size_t usual, std::size_t most) {
    const auto read = number(specs, pointer, name);
    if (!read) return usual;
    if (*read < 1 || *read > static_cast<double>(most) || *read != std::floor(*read)) {
      fail(pointer + '/' + std::string(name),
           "must be a whole number from 1 to " + std::to_string(most));
      return usual;
    }
    return static_cast<std::size_t>(*read);
  }

  void labels(const json& specs, const std::string& pointer, DataType& made) {
    for (const auto& [key, text] : specs.items()) {
      std::int64_t number = 0;
      const auto* end = key.data() + key.size();
      const auto read = std::from_chars(key.data(), end, number);
      const bool whole = read.ec == std::errc() && read.ptr == end &&
                         static_cast<double>(number) >= least_int &&
                         static_cast<double>(number) <= greatest_int;
      if (made.kind == DataKind::boolean && key != "0" && key != "1") {
        fail(pointer, R"(of a bool may only have the members "0" and "1")");
      } else if (!whole) {
        fail(pointer, "of an enum must have whole numbers as its members' names");
      } else if (!text.is_string()) {
        fail(std::string(pointer).append("/").append(key), "must be a text");
      } else {
        made.labels.push_back({number, text.get<std::string>()});
      }
      if (full()) return;
    }
    std::ranges::sort(made.labels, {}, &DataType::Label::number);
    if (made.kind == DataKind::enumeration && specs.empty()) {
      fail(pointer, R"(must name the values of the enum, as in {"0": "off", "1": "on"})");
    }
  }

  bool too_deep(const std::string& pointer, int depth) {
    if (depth < deepest) return false;
    fail(pointer, "is nested deeper than " + std::to_string(deepest) + " structs and arrays");
    return true;
  }

  void array(const json& specs, const std::string& pointer, int depth, DataType& made) {
    if (too_deep(pointer, depth)) return;
    const json* item = present_member(specs, "item");
    if (item == nullptr || !item->is_object()) {
      return fail(pointer + "/item", R"(must be an object, as in {"type": "int"})");
    }
    made.item = std::make_shared<const DataType>(data_type(*item, pointer + "/item", depth + 1));
  }

  void structure(const json& specs, const std::string& pointer, int depth, DataType& made) {
    if (too_deep(pointer, depth)) return;
    if (!specs.is_array()) {
      return fail(pointer, R"(of a struct must be an array of {"identifier", "name", "dataType"})");
    }
    for (std::size_t i = 0; i < specs.size() && !full(); ++i) {
      const std::string at = pointer + '/' + std::to_string(i);
      if (++definitions_ > most_definitions) {
        return fail(at,
                    "the model has more than " + std::to_string(most_definitions) + " definitions");
      }
      if (specs[i].is_object()) {
        made.members.push_back(parameter(specs[i], at, depth + 1));
      } else {
        fail(at, "must be an object");
      }
    }
    sort(made.members, pointer);
  }

  std::size_t definitions_ = 0;
};

}  // namespace

tl::expected<ThingModel, std::vector<ModelProblem>> ThingModel::compile(const json& document) {
  Compiler compiler;
  compiler.document(document);
  if (!compiler.problems.empty()) return tl::unexpected(std::move(compiler.problems));
  return ThingModel(std::make_shared<const Impl>(std::move(compiler.model)));
}

}  // namespace xgate::protocol
