// SPDX-License-Identifier: Apache-2.0
#include "service/script/interpreter.hpp"

#include <algorithm>
#include <cmath>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

#include <sys/mman.h>

// clang-format off
#include "service/script/duktape/config.h"
#include <duktape.h>
// clang-format on

#include "service/script/cesu8.hpp"
#include "service/script/console.hpp"
#include "service/script/library.hpp"
#include "service/script/sandbox.hpp"

namespace xgate::script {
namespace {

// A copy of it is kept for every script, and put back before every call.
constexpr std::size_t max_loaded = std::size_t{2} << 20U;

/// Of the only thread: the process' own clock stands still between the kernel's ticks as long as a
/// limit of processor time is set.
std::int64_t processor_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// One interpreter a process: what Duktape's hooks know.
std::int64_t deadline_ns = 0;
bool out_of_time = false;
bool script_runs = false;
// No number: there is no clock, as while a script loads, whose state serves all later calls.
double clock_ms = NAN;
std::uint64_t random_state = 0;
std::jmp_buf fatal_jump;

void* allocate(void* arena, duk_size_t size) { return static_cast<Arena*>(arena)->allocate(size); }
void* reallocate(void* arena, void* block, duk_size_t size) {
  return static_cast<Arena*>(arena)->reallocate(block, size);
}
void release(void* arena, void* block) { static_cast<Arena*>(arena)->free(block); }
/// Duktape gives up. What it leaves behind is put back with the arena.
[[noreturn]] void fatal(void* /*arena*/, const char* /*message*/) { std::longjmp(fatal_jump, 1); }

}  // namespace
}  // namespace xgate::script

/// Asked every quarter of a million steps; once true, it stays true until nothing of the script
/// runs.
extern "C" int xgate_script_is_out_of_time(void* /*udata*/) {
  using namespace xgate::script;
  out_of_time = out_of_time || (script_runs && processor_ns() > deadline_ns);
  return out_of_time ? 1 : 0;
}

extern "C" double xgate_script_now(void* context) {
  using namespace xgate::script;
  if (script_runs && std::isnan(clock_ms)) {
    auto* ctx = static_cast<duk_context*>(context);
    duk_inspect_callstack_entry(ctx, -2);  // who called Date
    duk_get_prop_string(ctx, -1, "lineNumber");
    duk_type_error(ctx,
                   "Date.now() and new Date() give the time of receiving: call them inside the "
                   "functions, not while the script is loaded (line %d)",
                   duk_to_int(ctx, -1));
  }
  return script_runs ? clock_ms : 0;
}

/// Of the platform's zone, whose file was read before the sandbox was entered.
extern "C" int xgate_script_zone_offset(double time_ms) {
  constexpr double latest_ms = 8.64e15;
  if (!(std::abs(time_ms) <= latest_ms)) return 0;
  const auto seconds = static_cast<std::time_t>(std::floor(time_ms / 1000));
  std::tm local{};
  return localtime_r(&seconds, &local) == nullptr ? 0 : static_cast<int>(local.tm_gmtoff);
}

/// SplitMix64, from the same beginning in every call.
extern "C" double xgate_script_random() {
  std::uint64_t bits = xgate::script::random_state += 0x9E3779B97F4A7C15U;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBU;
  bits ^= bits >> 31U;
  return static_cast<double>(bits >> 11U) * 0x1p-53;
}

namespace xgate::script {

struct Interpreter::Run {
  Call::Function function;
  double clock_ms;
  const char* input;
  std::size_t input_size;
  char* output;
  std::size_t output_size;
};

namespace {

constexpr const char* script_name = "script";

// Everything below runs inside a protected call: an error of the script leaps out of it.

const char* name_of(Call::Function function) {
  return function == Call::Function::protocol_to_raw_data ? "protocolToRawData"
                                                          : "rawDataToProtocol";
}

[[noreturn]] void refuse(duk_context* ctx, const char* format, const char* name, unsigned at = 0) {
  duk_error(ctx, DUK_ERR_TYPE_ERROR, format, name, at);
  std::abort();  // not reached: duk_error leaps
}

void push_bytes(duk_context* ctx, const char* bytes, std::size_t size) {
  duk_push_array(ctx);
  for (std::size_t i = 0; i < size; ++i) {
    duk_push_uint(ctx, static_cast<unsigned char>(bytes[i]));
    duk_put_prop_index(ctx, -2, static_cast<duk_uarridx_t>(i));
  }
}

const char* type_of(duk_context* ctx, duk_idx_t at) {
  if (duk_is_function(ctx, at) != 0) return "a function";
  if (duk_is_array(ctx, at) != 0) return "an array";
  switch (duk_get_type(ctx, at)) {
    case DUK_TYPE_NULL:
      return "null";
    case DUK_TYPE_BOOLEAN:
      return "a boolean";
    case DUK_TYPE_NUMBER:
      return "a number";
    case DUK_TYPE_STRING:
      return duk_is_symbol(ctx, at) != 0 ? "a symbol" : "a text";
    case DUK_TYPE_OBJECT:
      return "an object";
    case DUK_TYPE_BUFFER:
      return "a buffer";
    default:
      return "undefined";
  }
}

/// JSON has no NaN and no Infinity, and an encoder silently writes null for them: the first one
/// inside the value on top is told with its place.
class NumberCheck {
 public:
  explicit NumberCheck(duk_context* ctx) : ctx_(ctx) {}

  void value(std::size_t used, int depth) {
    if (duk_is_number(ctx_, -1) != 0 && !std::isfinite(duk_get_number(ctx_, -1))) {
      duk_error(ctx_, DUK_ERR_TYPE_ERROR,
                "rawDataToProtocol gave %s for %s: JSON has no such number",
                duk_to_string(ctx_, -1), place_);
    }
    // Deeper or more than a report may have: it is refused for that.
    if (duk_is_object(ctx_, -1) == 0 || duk_is_function(ctx_, -1) != 0 || depth == deepest) return;
    duk_require_stack(ctx_, 4);
    duk_is_array(ctx_, -1) != 0 ? items(used, depth + 1) : members(used, depth + 1);
    place_[used] = '\0';
  }

 private:
  static constexpr int deepest = 64;
  static constexpr std::size_t longest = 200;

  /// Objects can be larger than what they were written as.
  bool more() { return ++looked_at_ < max_output; }
  void items(std::size_t used, int depth) {
    const duk_size_t count = duk_get_length(ctx_, -1);
    for (duk_size_t i = 0; i < count && more(); ++i) {
      duk_get_prop_index(ctx_, -1, static_cast<duk_uarridx_t>(i));
      value(end_of(used, std::snprintf(place_ + used, longest - used, "[%lu]",
                                       static_cast<unsigned long>(i))),
            depth);
      duk_pop(ctx_);
    }
  }
  void members(std::size_t used, int depth) {
    duk_enum(ctx_, -1, DUK_ENUM_OWN_PROPERTIES_ONLY);
    while (more() && duk_next(ctx_, -1, 1) != 0) {
      value(end_of(used, std::snprintf(place_ + used, longest - used, used == 0 ? "%s" : ".%s",
                                       duk_get_string(ctx_, -2))),
            depth);
      duk_pop_2(ctx_);
    }
    duk_pop(ctx_);
  }
  /// Of the place; what is too long is cut.
  static std::size_t end_of(std::size_t used, int added) {
    return std::min(used + static_cast<std::size_t>(std::max(added, 0)), longest - 1);
  }

  duk_context* ctx_;
  std::size_t looked_at_ = 0;
  char place_[longest] = "";
};

/// The object on top as JSON text, into `output`; the size.
std::size_t take_json(duk_context* ctx, char* output) {
  if (duk_is_object(ctx, -1) == 0 || duk_is_function(ctx, -1) != 0 || duk_is_array(ctx, -1) != 0) {
    refuse(ctx, "rawDataToProtocol gave %s: it has to give an object", type_of(ctx, -1));
  }
  const duk_idx_t source = duk_get_top_index(ctx);
  duk_dup(ctx, source);
  duk_json_encode(ctx, -1);
  duk_size_t size = 0;
  const char* text = duk_get_lstring(ctx, -1, &size);
  if (text == nullptr || size == 0 || text[0] != '{') {
    refuse(ctx, "%s gave something that is no JSON object", "rawDataToProtocol");
  }
  if (size > max_output) {
    refuse(ctx, "%s gave more than 256 kB of JSON", "rawDataToProtocol");
  }
  std::memcpy(output, text, size);
  if (memmem(text, size, "null", 4) != nullptr) {
    duk_dup(ctx, source);
    NumberCheck(ctx).value(0, 0);
  }
  return size;
}

/// The bytes on top, into `output`; the size.
std::size_t take_bytes(duk_context* ctx, char* output) {
  const char* const name = "protocolToRawData";
  duk_size_t size = 0;
  if (duk_is_buffer_data(ctx, -1) != 0) {
    const void* data = duk_get_buffer_data(ctx, -1, &size);
    if (size > max_output) {
      refuse(ctx, "%s gave more than 262144 bytes", name);
    }
    if (size > 0) {
      std::memcpy(output, data, size);
    }
    return size;
  }
  if (duk_is_array(ctx, -1) == 0) {
    duk_error(ctx, DUK_ERR_TYPE_ERROR, "%s gave %s: it has to give an array of bytes", name,
              type_of(ctx, -1));
  }
  size = duk_get_length(ctx, -1);
  if (size > max_output) {
    refuse(ctx, "%s gave more than 262144 bytes", name);
  }
  for (duk_size_t i = 0; i < size; ++i) {
    duk_get_prop_index(ctx, -1, static_cast<duk_uarridx_t>(i));
    if (duk_is_number(ctx, -1) == 0) {
      duk_error(ctx, DUK_ERR_TYPE_ERROR, "byte %lu of what %s gave is %s",
                static_cast<unsigned long>(i), name, type_of(ctx, -1));
    }
    const double value = duk_get_number(ctx, -1);
    if (!(value >= 0 && value <= 255) || std::floor(value) != value) {
      duk_error(ctx, DUK_ERR_RANGE_ERROR,
                "byte %lu of what %s gave is %s: a byte is a whole number from 0 to 255",
                static_cast<unsigned long>(i), name, duk_to_string(ctx, -1));
    }
    output[i] = static_cast<char>(static_cast<unsigned char>(value));
    duk_pop(ctx);
  }
  return size;
}

void load_script(duk_context* ctx, const char* source, std::size_t size) {
  duk_push_string(ctx, script_name);
  duk_compile_lstring_filename(ctx, 0, source, size);
  duk_call(ctx, 0);
  duk_pop(ctx);
  if (duk_get_global_string(ctx, "rawDataToProtocol") == 0 || duk_is_function(ctx, -1) == 0) {
    refuse(ctx, "the script has no function %s", "rawDataToProtocol");
  }
  duk_pop(ctx);
  duk_gc(ctx, 0);  // what the compiler left need not be copied
}

/// What Duktape has beyond JavaScript: finalizers, threads, its insides, a clock. Nothing else
/// leads to it.
void remove_extras(duk_context* ctx) {
  duk_push_global_object(ctx);
  for (const char* name : {"Duktape", "CBOR", "performance"}) {
    duk_del_prop_string(ctx, -1, name);
  }
  duk_pop(ctx);
  duk_gc(ctx, 0);
}

/// The line of the script that an error comes from; 0: it is one of ours, whose line is of our
/// source.
long line_of(duk_context* ctx) {
  const bool of_script = duk_get_prop_string(ctx, -1, "fileName") != 0 &&
                         duk_is_string(ctx, -1) != 0 &&
                         std::strcmp(duk_get_string(ctx, -1), script_name) == 0;
  duk_pop(ctx);
  duk_get_prop_string(ctx, -1, "lineNumber");
  const bool known = of_script && duk_is_number(ctx, -1) != 0;
  const long line = known ? static_cast<long>(duk_get_number(ctx, -1)) : 0;
  duk_pop(ctx);
  return line;
}

void show_error(duk_context* ctx) {
  if (duk_is_error(ctx, -1) != 0) {
    const long line = line_of(ctx);
    const char* text = duk_safe_to_string(ctx, -1);
    if (line > 0 && std::strstr(text, "(line ") == nullptr) {
      duk_push_sprintf(ctx, "%s (line %ld)", text, line);
    }
    return;
  }
  duk_safe_to_string(ctx, -1);
}

}  // namespace

Interpreter::Interpreter(Limits limits) : limits_(limits), output_(max_output, '\0') {
  memory_size_ = static_cast<std::size_t>(limits.memory_mb) << 20U;
  void* memory = mmap(nullptr, memory_size_, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    std::abort();
  }
  memory_ = static_cast<std::byte*>(memory);
  arena_ = Arena::make({memory_, memory_size_});
  heap_ = duk_create_heap(allocate, reallocate, release, arena_, fatal);
  if (heap_ == nullptr) {
    std::abort();
  }
  remove_extras(static_cast<duk_context*>(heap_));
  add_library(static_cast<duk_context*>(heap_));
  add_console(static_cast<duk_context*>(heap_));
  arena_->begin_count();
  const auto used = arena_->used();
  empty_.assign(used.begin(), used.end());
}

// The heap needs no end of its own: it goes with its memory.
Interpreter::~Interpreter() { munmap(memory_, memory_size_); }

void Interpreter::set(std::size_t slot, std::string_view source) {
  slots_.at(slot).source = to_cesu8(source);
  slots_.at(slot).loaded = Copy();
}

void Interpreter::begin(const Copy& copy) {
  arena_->put_back(copy);
  out_of_time = false;
  random_state = 0;
  deadline_ns = processor_ns() + std::int64_t{limits_.time_ms} * 1'000'000 * slowness;
}

Answer Interpreter::run(std::size_t slot, Call::Function function, std::string_view input,
                        std::int64_t at_ms) {
  Slot& script = slots_.at(slot);
  const std::int64_t began = processor_ns();
  forget_printed();
  Answer answer;
  if (script.loaded.empty()) {
    answer = load(script);
  }
  if (answer.kind == Answer::Kind::result && function != Call::Function::load) {
    forget_printed();  // by the load, which not every call does
    begin(script.loaded);
    std::string text;
    if (function == Call::Function::protocol_to_raw_data) {
      text = to_cesu8(input);
      input = text;
    }
    Run run{function, static_cast<double>(at_ms), input.data(), input.size(), output_.data(), 0};
    answer = perform(run);
  }
  answer.time_ns = static_cast<std::uint64_t>(processor_ns() - began);
  answer.memory_bytes = static_cast<std::uint32_t>(arena_->peak());
  answer.printed = printed();
  return answer;
}

Answer Interpreter::load(Slot& slot) {
  begin(empty_);
  Run run{Call::Function::load, NAN, slot.source.data(), slot.source.size(), nullptr, 0};
  Answer answer = perform(run);
  if (answer.kind != Answer::Kind::result) {
    return answer;
  }
  arena_->begin_count();
  const auto used = arena_->used();
  if (used.size() > max_loaded) {
    answer.kind = Answer::Kind::error;
    answer.text = "the parsing script holds more than 2 MB before its first call";
    return answer;
  }
  slot.loaded.assign(used.begin(), used.end());
  return answer;
}

Answer Interpreter::perform(Run& run) {
  auto* ctx = static_cast<duk_context*>(heap_);
  const auto body = [](duk_context* inner, void* udata) -> duk_ret_t {
    Run& now = *static_cast<Run*>(udata);
    if (now.function == Call::Function::load) {
      load_script(inner, now.input, now.input_size);
      return 0;
    }
    duk_get_global_string(inner, name_of(now.function));
    if (duk_is_function(inner, -1) == 0) {
      refuse(inner, "the script has no function %s", name_of(now.function));
    }
    if (now.function == Call::Function::raw_data_to_protocol) {
      push_bytes(inner, now.input, now.input_size);
      duk_call(inner, 1);
      now.output_size = take_json(inner, now.output);
    } else {
      duk_push_lstring(inner, now.input, now.input_size);
      duk_json_decode(inner, -1);
      duk_call(inner, 1);
      now.output_size = take_bytes(inner, now.output);
    }
    return 0;
  };
  clock_ms = run.clock_ms;
  script_runs = true;
  // Nothing with a destructor stands between here and Duktape.
  if (setjmp(fatal_jump) != 0 || duk_safe_call(ctx, body, &run, 0, 1) != DUK_EXEC_SUCCESS) {
    return failed(run);
  }
  script_runs = false;
  Answer answer;
  if (run.function == Call::Function::raw_data_to_protocol) {
    answer.text = from_cesu8({run.output, run.output_size});
    if (answer.text.size() > max_output) {  // what is no text grows when it is replaced
      return {.kind = Answer::Kind::error, .text = "the parsing script gave more than 256 kB"};
    }
  } else if (run.function == Call::Function::protocol_to_raw_data) {
    answer.text.assign(run.output, run.output_size);
  }
  return answer;
}

Answer Interpreter::failed(Run& run) {
  auto* ctx = static_cast<duk_context*>(heap_);
  Answer answer;
  answer.kind = Answer::Kind::limit;
  if (!out_of_time && !arena_->refused()) {
    // Making a sentence of what was thrown runs the script's own code again (toString, getters).
    const auto show = [](duk_context* inner, void* /*udata*/) -> duk_ret_t {
      show_error(inner);
      return 1;
    };
    answer.kind = Answer::Kind::error;
    if (setjmp(fatal_jump) == 0 && duk_safe_call(ctx, show, nullptr, 1, 1) == DUK_EXEC_SUCCESS) {
      duk_size_t size = 0;
      const char* text = duk_get_lstring(ctx, -1, &size);
      answer.text = clean_sentence(text == nullptr ? "" : std::string_view(text, size));
    } else {
      answer.text = "something that cannot be shown";
    }
  }
  script_runs = false;
  if (out_of_time) {
    answer.kind = Answer::Kind::limit;
    answer.text = time_limit();
  } else if (arena_->refused()) {
    answer.kind = Answer::Kind::limit;
    answer.text = "the parsing script needs more than " + std::to_string(limits_.memory_mb) + " MB";
  } else if (run.function == Call::Function::load) {
    answer.text = "the parsing script cannot be loaded: " + answer.text;
  } else {
    answer.text = "the parsing script failed: " + answer.text;
  }
  return answer;
}

std::string Interpreter::time_limit() const {
  return "the parsing script ran longer than " + std::to_string(limits_.time_ms) + " ms";
}

}  // namespace xgate::script
