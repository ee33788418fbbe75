// SPDX-License-Identifier: Apache-2.0
#include "service/script/console.hpp"

#include <array>
#include <cstddef>
#include <cstring>

// clang-format off
#include "service/script/duktape/config.h"
#include <duktape.h>
// clang-format on

#include "protocol/whole_characters.hpp"
#include "service/script/batch.hpp"

namespace xgate::script {
namespace {

constexpr std::string_view cut_mark = "…";
std::array<char, max_printed> kept{};
std::size_t kept_size = 0;
bool kept_all = true;

void keep(std::string_view text) noexcept {
  if (!kept_all) return;
  const auto part = protocol::whole_characters(text, kept.size() - cut_mark.size() - kept_size);
  kept_all = part.size() == text.size();
  std::memcpy(kept.data() + kept_size, part.data(), part.size());
  kept_size += part.size();
  if (!kept_all) {
    std::memcpy(kept.data() + kept_size, cut_mark.data(), cut_mark.size());
    kept_size += cut_mark.size();
  }
}

/// Writes the value on top as one would write it down, objects and arrays like JSON, but with what
/// JSON leaves out: undefined, NaN. Runs the script's own code where an object has getters.
class Writer {
 public:
  explicit Writer(duk_context* ctx) : ctx_(ctx) {}

  void value(int depth) {
    if (duk_is_string(ctx_, -1) != 0 && duk_is_symbol(ctx_, -1) == 0 && depth > 0) {
      keep("\"");
      text();
      keep("\"");
    } else if (duk_is_object(ctx_, -1) == 0 || duk_is_error(ctx_, -1) != 0) {
      text();
    } else if (duk_is_function(ctx_, -1) != 0) {
      keep("function");
    } else if (duk_is_array(ctx_, -1) != 0 || duk_is_buffer_data(ctx_, -1) != 0) {
      depth == deepest ? keep("[…]") : items(depth + 1);
    } else if (duk_get_prop_string(ctx_, -1, "toISOString") != 0 &&
               duk_is_function(ctx_, -1) != 0) {
      duk_dup(ctx_, -2);
      duk_call_method(ctx_, 0);
      text();
      duk_pop(ctx_);
    } else {
      duk_pop(ctx_);
      depth == deepest ? keep("{…}") : members(depth + 1);
    }
  }

 private:
  static constexpr int deepest = 6;

  void text() {
    duk_dup(ctx_, -1);
    duk_size_t size = 0;
    const char* bytes = duk_safe_to_lstring(ctx_, -1, &size);
    keep({bytes, size});
    duk_pop(ctx_);
  }
  void items(int depth) {
    duk_require_stack(ctx_, 8);
    const duk_size_t count = duk_get_length(ctx_, -1);
    keep("[");
    for (duk_size_t i = 0; i < count && kept_all; ++i) {
      if (i > 0) keep(", ");
      duk_get_prop_index(ctx_, -1, static_cast<duk_uarridx_t>(i));
      value(depth);
      duk_pop(ctx_);
    }
    keep("]");
  }
  void members(int depth) {
    duk_require_stack(ctx_, 8);
    duk_enum(ctx_, -1, DUK_ENUM_OWN_PROPERTIES_ONLY);
    keep("{");
    for (bool first = true; kept_all && duk_next(ctx_, -1, 1) != 0; first = false) {
      if (!first) keep(", ");
      keep(duk_get_string(ctx_, -2));
      keep(": ");
      value(depth);
      duk_pop_2(ctx_);
    }
    keep("}");
    duk_pop(ctx_);
  }

  duk_context* ctx_;
};

duk_ret_t write_value(duk_context* ctx, void* /*udata*/) {
  Writer(ctx).value(0);
  return 0;
}

/// Never throws: what is printed to find a fault shall make none.
duk_ret_t print(duk_context* ctx) {
  static constexpr std::array<const char*, 3> marks{"", "warn: ", "error: "};
  const duk_idx_t count = duk_get_top(ctx);
  keep(marks.at(static_cast<std::size_t>(duk_get_current_magic(ctx))));
  for (duk_idx_t i = 0; i < count && kept_all; ++i) {
    if (i > 0) keep(" ");
    duk_dup(ctx, i);
    if (duk_safe_call(ctx, write_value, nullptr, 1, 1) != DUK_EXEC_SUCCESS) {
      keep("(cannot be shown)");
    }
    duk_pop(ctx);
  }
  keep("\n");
  return 0;
}

}  // namespace

void add_console(duk_hthread* context) {
  struct Method {
    const char* name;
    int mark;
  };
  duk_push_global_object(context);
  duk_push_string(context, "console");
  duk_push_object(context);
  for (const Method& method : {Method{"log", 0}, Method{"info", 0}, Method{"debug", 0},
                               Method{"warn", 1}, Method{"error", 2}}) {
    duk_push_c_function(context, print, DUK_VARARGS);
    duk_set_magic(context, -1, method.mark);
    duk_put_prop_string(context, -2, method.name);
  }
  duk_def_prop(context, -3,
               DUK_DEFPROP_HAVE_VALUE | DUK_DEFPROP_SET_WRITABLE | DUK_DEFPROP_SET_CONFIGURABLE |
                   DUK_DEFPROP_CLEAR_ENUMERABLE);
  duk_pop(context);
}

void forget_printed() noexcept {
  kept_size = 0;
  kept_all = true;
}

std::string_view printed() noexcept { return {kept.data(), kept_size}; }

}  // namespace xgate::script
