// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "protocol/thing_model_fit.hpp"
#include "protocol/thing_model_types.hpp"

namespace xgate::protocol {
namespace {

constexpr std::size_t most_told = 200;

std::string range_of(const DataType& type) {
  return shown_number(type.min) + " to " + shown_number(type.max);
}

bool widens(DataKind from, DataKind to) {
  return (from == DataKind::whole && (to == DataKind::single || to == DataKind::dual)) ||
         (from == DataKind::single && to == DataKind::dual);
}

/// Which values the one side may send and the other does not take.
class Comparison {
 public:
  std::vector<ModelProblem> found;

  enum class Way : std::uint8_t {
    up,   ///< what devices of the old model report, by the new one
    down  ///< what devices of the old model are sent, by the new one
  };

  void tell(std::string pointer, std::string detail) {
    if (found.size() < most_told) found.push_back({std::move(pointer), std::move(detail)});
  }

  void parameters(const std::vector<Parameter>& was, const std::vector<Parameter>& is,
                  const std::string& pointer, const std::string& path, Way way) {
    for (const Parameter& old : was) {
      const Parameter* now = find_identifier(is, old.identifier);
      if (now == nullptr) {
        tell(pointer, path + '.' + old.identifier +
                          (way == Way::up ? " is gone: who sends it is refused"
                                          : " is gone: devices do not get it any more"));
      } else {
        types(old.type, now->type, now->pointer + "/dataType", path + '.' + old.identifier, way);
      }
    }
    if (way == Way::up) return;
    for (const Parameter& now : is) {
      if (find_identifier(was, now.identifier) == nullptr) {
        tell(now.pointer, path + '.' + now.identifier + " is new: devices do not know it");
      }
    }
  }

  void types(const DataType& was, const DataType& is, const std::string& pointer,
             const std::string& path, Way way) {
    const auto told = [&](const std::string& detail) {
      tell(pointer, path + ": " + detail +
                        (way == Way::up ? ": what was right may be refused"
                                        : ": devices may be sent what they do not know"));
    };
    const DataType& sent = way == Way::up ? was : is;  // taken by the other one
    const DataType& taken = way == Way::up ? is : was;
    if (sent.kind != taken.kind && !widens(sent.kind, taken.kind)) {
      return told("was of type " + std::string(to_string(was.kind)) + " and is " +
                  std::string(to_string(is.kind)) + " now");
    }
    switch (sent.kind) {
      case DataKind::whole:
      case DataKind::single:
      case DataKind::dual:
        if (as_held(sent.kind, sent.min) < as_held(taken.kind, taken.min) ||
            as_held(sent.kind, sent.max) > as_held(taken.kind, taken.max)) {
          told("the range was " + range_of(was) + " and is " + range_of(is) + " now");
        }
        return;
      case DataKind::enumeration:
        for (const auto& label : sent.labels) {
          if (std::ranges::find(taken.labels, label.number, &DataType::Label::number) ==
              taken.labels.end()) {
            told("the value " + std::to_string(label.number) +
                 (way == Way::up ? " is gone" : " is new"));
          }
        }
        return;
      case DataKind::text:
      case DataKind::array:
        if (sent.most > taken.most) {
          told("at most " + std::to_string(was.most) + " were allowed, now " +
               std::to_string(is.most));
        }
        if (was.item && is.item)
          types(*was.item, *is.item, pointer + "/specs/item", path + "[]", way);
        return;
      case DataKind::structure:
        return parameters(was.members, is.members, pointer + "/specs", path, way);
      case DataKind::boolean:
      case DataKind::date:
        return;
    }
  }

  void properties(const std::vector<Parameter>& was, const std::vector<Parameter>& is) {
    for (const Parameter& old : was) {
      const Parameter* now = find_identifier(is, old.identifier);
      if (now == nullptr) {
        tell("/properties", old.identifier + " is gone: reports of it are refused");
        continue;
      }
      if (old.writable && !now->writable) {
        tell(now->pointer + "/accessMode", old.identifier + " could be set, and cannot any more");
      }
      if (old.readable && !now->readable) {
        tell(now->pointer + "/accessMode",
             old.identifier + " could be asked for, and cannot any more");
      }
      types(old.type, now->type, now->pointer + "/dataType", old.identifier, Way::up);
      if (old.writable && now->writable && old.type.kind == now->type.kind) {
        types(old.type, now->type, now->pointer + "/dataType", old.identifier, Way::down);
      }
    }
  }

  void events(const std::vector<Event>& was, const std::vector<Event>& is) {
    for (const Event& old : was) {
      const Event* now = find_identifier(is, old.identifier);
      if (now == nullptr) {
        tell("/events", "the event " + old.identifier + " is gone: reports of it are refused");
      } else {
        parameters(old.output, now->output, now->pointer + "/outputData", old.identifier, Way::up);
      }
    }
  }

  void services(const std::vector<Service>& was, const std::vector<Service>& is) {
    for (const Service& old : was) {
      const Service* now = find_identifier(is, old.identifier);
      if (now == nullptr) {
        tell("/services",
             "the service " + old.identifier + " is gone: it cannot be called any more");
        continue;
      }
      parameters(old.input, now->input, now->pointer + "/inputData", old.identifier, Way::down);
      parameters(old.output, now->output, now->pointer + "/outputData", old.identifier, Way::up);
    }
  }
};

}  // namespace

std::vector<ModelProblem> ThingModel::breaks(const ThingModel& next) const {
  Comparison comparison;
  comparison.properties(impl_->properties, next.impl_->properties);
  comparison.events(impl_->events, next.impl_->events);
  comparison.services(impl_->services, next.impl_->services);
  return std::move(comparison.found);
}

}  // namespace xgate::protocol
