// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>

#include "pool_fixture.hpp"

namespace xgate::script {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

TEST_F(PoolTest, decodes_the_examples_frame) {
  const auto outcome =
      decode(demo_script(), bytes({0x00, 0xf0, 0xff, 0x01, 0x3f, 0xa0, 0x00, 0x00}));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.output, R"({"method":"thing.event.property.post","id":"1","version":"1.0",)"
                            R"("params":{"prop_int16":-3841,"prop_bool":1,"prop_float":1.25}})");
  EXPECT_GT(outcome.memory_bytes, 0);
}

TEST_F(PoolTest, encodes_the_examples_frame) {
  const auto outcome =
      encode(demo_script(),
             R"({"method":"thing.service.property.set","id":"1",)"
             R"("params":{"prop_int16":45,"prop_bool":1,"prop_float":123.452},"version":"1.0"})");
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.output, bytes({0x01, 0x01, 0x00, 0x2d, 0x01, 0x42, 0xf6, 0xe7, 0x6d}));
}

TEST_F(PoolTest, an_exception_is_told_in_one_sentence_with_its_line) {
  const auto outcome = decode("function rawDataToProtocol(b) {\n  return b.no.such;\n}");
  EXPECT_THAT(outcome.error, HasSubstr("the parsing script failed: TypeError"));
  EXPECT_THAT(outcome.error, HasSubstr("(line 2)"));
}

TEST_F(PoolTest, a_number_that_json_does_not_have_is_told_with_its_place) {
  const auto gives = [this](const std::string& object) {
    return decode("function rawDataToProtocol(b) { return " + object + "; }").error;
  };
  const std::string said = "TypeError: rawDataToProtocol gave ";
  EXPECT_THAT(gives("{params: {temp: NaN}}"),
              EndsWith(said + "NaN for params.temp: JSON has no such number"));
  EXPECT_THAT(gives("{a: null, list: [1, {x: -1 / 0}]}"), HasSubstr("-Infinity for list[1].x:"));
  EXPECT_EQ(gives("{a: null, n: NaN.toString(), f: function() {}}"), "");
  EXPECT_THAT(gives("{" + std::string(400, 'a') + ": NaN}"), HasSubstr("aaa: JSON has no"));
}

TEST_F(PoolTest, loading_tells_a_syntax_error_and_its_line) {
  auto outcome = pool_.run_and_wait(
      call("function rawDataToProtocol(b) {\n  var = 3;\n}", "", "P", Call::Function::load));
  EXPECT_THAT(outcome.error, HasSubstr("cannot be loaded: SyntaxError"));
  EXPECT_THAT(outcome.error, HasSubstr("(line 2"));
  outcome = pool_.run_and_wait(call("var x = 1;", "", "P", Call::Function::load));
  EXPECT_THAT(outcome.error, EndsWith("no function rawDataToProtocol"));  // no line of ours
  outcome = pool_.run_and_wait(call(demo_script(), "", "P", Call::Function::load));
  EXPECT_EQ(outcome.error, "");
}

TEST_F(PoolTest, nothing_of_a_call_is_left_for_the_next) {
  const std::string script = R"(
    var calls = 0;
    function rawDataToProtocol(b) {
      var before = {calls: calls, leaked: typeof leaked, proto: ({}).planted, r: Math.random(),
                    array: [].planted, to: JSON.stringify(Array.prototype.slice.call([1]))};
      calls++; leaked = 1; this.leaked2 = 2;
      Object.prototype.planted = "x"; Array.prototype.planted = "y";
      Array.prototype.slice = function() { return ["mine"]; };
      JSON.stringify = function() { return "mine"; };
      rawDataToProtocol = null;
      return before;
    })";
  const auto first = decode(script);
  EXPECT_EQ(first.error, "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(decode(script).output, first.output);
  EXPECT_THAT(first.output, HasSubstr(R"("calls":0,"leaked":"undefined")"));
}

TEST_F(PoolTest, text_beyond_the_basic_plane_comes_through) {
  const auto outcome = decode(
      "function rawDataToProtocol(b) { var s = '\xF0\x9F\x98\x80'; "
      "return {s: s, n: s.length, half: s.charAt(0)}; }");
  EXPECT_EQ(outcome.output, "{\"s\":\"\xF0\x9F\x98\x80\",\"n\":2,\"half\":\"\xEF\xBF\xBD\"}");
}

TEST_F(PoolTest, the_clock_stands_at_the_time_of_receiving) {
  Call asked = call(
      "function rawDataToProtocol(b) { var t = Date.now(); for (var i = 0; i < 99999; i++); "
      "return {id: t, same: new Date().getTime() === t && Date.now() === t}; }",
      "");
  for (const std::int64_t at_ms : {std::int64_t{1'767'225'600'123}, std::int64_t{7}}) {
    asked.at_ms = at_ms;
    EXPECT_EQ(pool_.run_and_wait(asked).output,
              R"({"id":)" + std::to_string(at_ms) + R"(,"same":true})");
  }
}

TEST_F(PoolTest, while_a_script_is_loaded_there_is_no_clock) {
  const auto outcome = decode("var made = 1;\nvar began = Date.now();\n" + demo_script());
  EXPECT_THAT(outcome.error,
              AllOf(HasSubstr("call them inside the functions"), HasSubstr("(line 2)")));
}

TEST_F(PoolTest, local_time_is_of_the_zone_that_is_set) {
  Pool here({.command = {XGATE_PROGRAM, "script-worker"},
             .limits = {},
             .zone = "America/New_York",
             .processes = 1},
            metrics_);
  // In winter, in summer, and long after the zone's file ends.
  const std::string script =
      "function rawDataToProtocol(b) { return {winter: new Date(1767225600000).getHours(), "
      "summer: new Date(1782864000000).getHours(), back: new Date(2026, 6, 1, 12).getTime(), "
      "late: new Date(4122360000000).getTimezoneOffset(), none: new Date(NaN).getHours() + '', "
      "utc: Date.UTC(2026, 0, 1), bare: new Date('2026-01-01T00:00:00').getTime()}; }";
  EXPECT_EQ(here.run_and_wait(call(script, "")).output,
            R"({"winter":19,"summer":20,"back":1782921600000,"late":240,"none":"NaN",)"
            R"("utc":1767225600000,"bare":1767225600000})");
  EXPECT_THAT(decode(script).output, HasSubstr(R"("winter":0,"summer":0)"));
}

TEST_F(PoolTest, lists_and_typed_arrays_have_what_scripts_look_for) {
  const std::pair<const char*, const char*> gives[] = {
      {"[1, NaN].includes(NaN) && !b.includes(9) && [1, 2].includes(2, -1)", "true"},
      {"![1, 2].includes(1, 1) && 'text'.includes('ex')", "true"},
      {"new Uint8Array([1, 2, 3]).slice(1).join('-')", "\"2-3\""},
      {"new Uint8Array([1, 2, 3]).map(function (n) { return n * 2; }) instanceof Uint8Array",
       "true"},
      {"new Int16Array([3, 1]).reverse()[0] + new Uint8Array([5]).indexOf(5)", "1"},
      {"new Uint8Array([1, 2]).filter(function (n) { return n > 1; }).length", "1"},
      {"[[7].entries().next(), new Uint8Array([5]).values().next().value, [].keys().next().done]",
       "[{\"value\":[0,7],\"done\":false},5,true]"},
      {"(function () { var names = []; for (var n in [7]) names.push(n); return names; })()",
       "[\"0\"]"},
  };
  for (const auto& [expression, value] : gives) {
    const auto outcome =
        decode(std::string("function rawDataToProtocol(b) { return {v: ") + expression + "}; }");
    EXPECT_EQ(outcome.output, std::string("{\"v\":") + value + "}") << outcome.error;
  }
}

TEST_F(PoolTest, what_a_call_prints_comes_with_its_outcome) {
  const auto outcome = decode(
      "console.log('loaded');\nfunction rawDataToProtocol(b) {\n"
      "  console.log('got', b, {t: 1.5, n: NaN, u: undefined, s: '\xE6\xB8\xA9'}, null);\n"
      "  console.warn(new Date(0)); console.error(new Error('odd'), new Uint8Array([1, 2]));\n"
      "  b.no.such; }");
  EXPECT_THAT(outcome.error, HasSubstr("TypeError"));
  EXPECT_EQ(outcome.printed,
            "got [1, 2] {t: 1.5, n: NaN, u: undefined, s: \"\xE6\xB8\xA9\"} null\n"
            "warn: 1970-01-01T00:00:00.000Z\nerror: Error: odd [1, 2]");
  EXPECT_EQ(decode("function rawDataToProtocol(b) { return {}; }").printed, "");
}

TEST_F(PoolTest, printing_is_bounded_and_never_fails) {
  const auto outcome = decode(
      "function rawDataToProtocol(b) { var o = {}; o.self = o;\n"
      "  console.log(o, Symbol('s'), rawDataToProtocol, {get a() { throw 1; }});\n"
      "  for (var i = 0; i < 3000; i++) console.log('\xE6\xB8\xA9\\u0007' + i);\n"
      "  return {done: 1}; }");
  EXPECT_EQ(outcome.output, R"({"done":1})");
  EXPECT_THAT(outcome.printed, AllOf(HasSubstr("(cannot be shown)"), HasSubstr("\xE6\xB8\xA9 0\n"),
                                     EndsWith("…"), Not(HasSubstr("\xEF\xBF\xBD"))));
  EXPECT_LE(outcome.printed.size(), max_printed);
}

TEST_F(PoolTest, calls_of_a_product_end_in_their_order) {
  std::mutex mutex;
  std::vector<int> ended;
  std::promise<void> all;
  const std::string script =
      "function rawDataToProtocol(b) { if (b[0] % 7 == 3) for(;;); return {n: b[0]}; }";
  constexpr int count = 40;
  for (int i = 0; i < count; ++i) {
    pool_.run(call(script, std::string(1, static_cast<char>(i))), [&, i](Outcome) {
      const std::lock_guard lock(mutex);
      ended.push_back(i);
      if (ended.size() == count) all.set_value();
    });
  }
  all.get_future().wait();
  const std::lock_guard last(mutex);  // until the last call has let go of it
  EXPECT_TRUE(std::is_sorted(ended.begin(), ended.end()));
}

// The order of events, not clocks: another product's calls, made later, all end while the hostile
// product's first call still runs or waits.
TEST_F(PoolTest, a_hostile_product_holds_up_nobody_else) {
  const std::string hostile =
      "function rawDataToProtocol(b) { /^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX'); "
      "return {}; }";
  // It is known as one that runs over its limits, and has to run apart; the other as a good one.
  EXPECT_THAT(decode(hostile).error, HasSubstr("50 ms"));
  EXPECT_EQ(pool_.run_and_wait(call(demo_script(), bytes({4, 1}), "BB30C505")).error, "");
  std::mutex mutex;
  std::string order;
  std::promise<void> all;
  std::size_t open = 0;
  const auto note = [&](char who) {
    return [&, who](const Outcome& outcome) {
      const std::lock_guard lock(mutex);
      // On a busy machine some of the hostile ones are refused instead, which holds up nobody.
      if (outcome.error.find("was not run") == std::string::npos) order += who;
      if (--open == 0) all.set_value();
    };
  };
  constexpr int hostile_calls = 5;
  constexpr int good_calls = 20;
  open = hostile_calls + good_calls;
  for (int i = 0; i < hostile_calls; ++i) pool_.run(call(hostile, "x"), note('h'));
  for (int i = 0; i < good_calls; ++i) {
    pool_.run(call(demo_script(), bytes({4, 1}), "BB30C505"), note('g'));
  }
  all.get_future().wait();
  const std::lock_guard last(mutex);  // until the last call has let go of it
  EXPECT_EQ(std::ranges::count(order, 'g'), good_calls);
  EXPECT_LE(std::ranges::count(order.substr(0, order.rfind('g')), 'h'), 1);
}

// All of them are there before anything is known of the script.
TEST_F(PoolTest, most_calls_of_an_endless_loop_are_refused_and_not_run) {
  const std::string hostile =
      "function rawDataToProtocol(b) { for(;;) try { for(;;); } catch (e) {} }";
  std::mutex mutex;
  std::vector<std::string> errors;
  std::promise<void> all;
  constexpr std::size_t count = 1'000;
  for (std::size_t i = 0; i < count; ++i) {
    pool_.run(call(hostile, "x"), [&](Outcome outcome) {
      const std::lock_guard lock(mutex);
      errors.push_back(outcome.error);
      if (errors.size() == count) all.set_value();
    });
  }
  all.get_future().wait();
  const std::lock_guard last(mutex);  // until the last call has let go of it
  EXPECT_THAT(errors.front(), AllOf(HasSubstr("ran longer than 50 ms"), Not(HasSubstr("not run"))));
  EXPECT_THAT(errors.back(), HasSubstr("the parsing script (version 1) was not run: "));
  const auto refused = metrics_.script_not_run.Value();
  EXPECT_GT(refused, count * 9 / 10);
  EXPECT_EQ(refused + metrics_.script_limits.Value(), count);
}

TEST_F(PoolTest, a_new_version_runs_while_the_old_one_is_refused) {
  const std::string hostile = "function rawDataToProtocol(b) { for(;;); }";
  while (metrics_.script_not_run.Value() == 0) EXPECT_NE(decode(hostile).error, "");
  Call good = call(demo_script(), bytes({4, 1}));
  good.program.version = 2;
  EXPECT_EQ(pool_.run_and_wait(good).error, "");
}

TEST_F(PoolTest, where_no_process_can_be_started_calls_are_told_so) {
  const std::string script = demo_script();
  EXPECT_EQ(decode(script, bytes({4, 1})).error, "");
  Pool none({.command = {"/bin/false"}, .limits = {}, .processes = 1, .patience_ms = 50}, metrics_);
  EXPECT_THAT(none.run_and_wait(call(script, bytes({4, 1}))).error,
              HasSubstr("the platform cannot run parsing scripts now"));
}

TEST_F(PoolTest, where_the_process_apart_cannot_be_started_its_calls_are_told_so) {
  Pool lame({.command = {"/bin/sh", "-c",
                         R"(for last; do :; done; [ "$last" = apart ] && exit 1; exec "$@")", "sh",
                         XGATE_PROGRAM, "script-worker"},
             .limits = {},
             .processes = 1,
             .patience_ms = 50},
            metrics_);
  const Call first = call(demo_script(), bytes({4, 1}));  // nothing is known of the script yet
  EXPECT_THAT(lame.run_and_wait(first).error, HasSubstr("cannot run parsing scripts now"));
}

TEST_F(PoolTest, a_process_that_is_slow_to_begin_is_waited_for) {
  Pool slow({.command = {"/bin/sh", "-c", R"(sleep 0.3; exec "$@")", "sh", XGATE_PROGRAM,
                         "script-worker"},
             .limits = {},
             .processes = 1,
             .patience_ms = 20},
            metrics_);
  EXPECT_EQ(slow.run_and_wait(call(demo_script(), bytes({4, 1}))).error, "");
}

}  // namespace
}  // namespace xgate::script
