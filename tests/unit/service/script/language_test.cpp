// SPDX-License-Identifier: Apache-2.0
#include "service/script/language.hpp"

#include <vector>

#include <gmock/gmock.h>

#include "pool_fixture.hpp"

namespace xgate::script {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* function_text = "\nfunction rawDataToProtocol(b) { return {}; }\n";

/// Each is judged as the service does it: by what the real engine says of it.
class Language : public PoolTest {
 protected:
  Outcome load(const std::string& script) {
    return pool_.run_and_wait(call(script + function_text, "", "P", Call::Function::load));
  }
  std::string judged(const std::string& script) {
    return newer_language(script + function_text, load(script).error);
  }
};

struct Newer {
  const char* script;
  const char* said;
};
const std::vector<Newer> newer_scripts{
    {"\n\nlet a = 1;", "line 3: `let` is ES6; scripts are ES5.1: write `var`"},
    {"let [a] = [1];", "`let`"},
    {"const a = 1;", "line 1: `const` is ES6; scripts are ES5.1: write `var`"},
    {"var a = 1; { const a = 2; }", "`const`"},
    {"for (const k in {a: 1}) {}", "`const`"},
    {"/* one\ntwo */ // three\r\nvar f = (x) => x;", "line 3: an arrow function (`=>`) is ES6"},
    {"var f = x => x;", "an arrow function"},
    {"var f = () => ({});", "an arrow function"},
    {"var s = 'a';\nvar t = `${s}\n${`b`}`;", "line 2: a template string is ES6"},
    {"class A {}", "`class` is ES6"},
    {"var A = class {};", "`class` is ES6"},
    {"function f(a, b = 1) {}", "write `if (b === undefined) b = …;`"},
    {"function f(...rest) {}", "`...` (rest and spread) is ES6"},
    {"Math.max(...[1]);", "`...` (rest and spread)"},
    {"var a = [...[1]];", "`...` (rest and spread)"},
    {"var o = {...{a: 1}};", "`...` (rest and spread)"},
    {"var {a} = {a: 1};", "destructuring is ES6"},
    {"var [a, b] = [1, 2];", "destructuring"},
    {"var a;\n[a] = [1];", "line 2: destructuring"},
    {"var a; ({a} = {a: 1});", "destructuring"},
    {"function f({a}) {}", "destructuring"},
    {"for (var x of [1]) {}", "`for (… of …)` is ES6"},
    {"var x; for (x of [1]) {}", "`for (… of …)`"},
    {"async function f() {}", "`async` is ES2017"},
    {"var f = async x => 1;", "`async`"},
    {"var o = {async f() {}};", "`async`"},
    {"function* g() {}", "a generator is ES6"},
    {"var o = {*g() {}};", "a generator"},
    {"var a; a?.b;", "`?.` is ES2020; scripts are ES5.1: write `a && a.b`"},
    {"var a; a?.[0];", "`?.`"},
    {"null ?? 1;", "`??` is ES2020"},
    {"var a; a \?\?= 1;", "`?\?=` is ES2021"},
    {"var a; a ||= 1;", "`||=` is ES2021"},
    {"var a; a &&= 1;", "`&&=`"},
    {"var a = 10n;", "`10n` is ES2020"},
    {"var a = 0xFFn;", "`0xFFn`"},
    {"var a = 1_000;", "`1_000` is ES2021; scripts are ES5.1: write `1000`"},
    {"var r = /a/u;", "a pattern's flag `u` is ES6"},
    {"var r = /[/]/gs;", "a pattern's flag `s` is ES2018"},
    {"var r = /(?<=a)b/;", "`(?<=` in a pattern is ES2018"},
    {"var r = /(?<year>\\d)/;", "take groups by number"},
    {"try { f(); } catch { }", "`catch` without a name is ES2019"},
    {"function f(a, b,) {}", "a comma before `)` is ES2017"},
    {"f(1,);", "a comma before `)`"},
    {"import x from 'a';", "`import` is ES6"},
    {"export function f() {}", "`export` is ES6"},
    {"export default 1;", "`export`"},
    {"#!/usr/bin/node", "`#!` is ES2023"},
    {"var a = 8 / 2, b = 2;\nvar t = a / b; let c = t / 1;", "line 2: `let`"},
    {"function f(m) { return m.padStart(2, '0'); }", "`.padStart` is ES2017"},
    {"function f() { return new Map(); }", "`Map` is ES6"},
    {"function f(a) {\n return Object.entries(a); }", "line 2: `Object.entries` is ES2017"},
    {"function f(a) { return Array.from(a); }", "`Array.from`"},
    {"var net = require('net');", "`require` is Node.js"},
    {"module.exports = {};", "`module` is Node.js"},
    {"function f(b) { return Buffer.from(b); }", "`Buffer.from` is Node.js"},
};

TEST_F(Language, what_is_newer_than_the_engine_is_named_with_its_line_and_what_to_write) {
  for (const Newer& newer : newer_scripts) {
    EXPECT_THAT(judged(newer.script), HasSubstr(newer.said)) << newer.script;
    EXPECT_THAT(judged(newer.script), StartsWith("line ")) << newer.script;
  }
}

TEST_F(Language, what_the_engine_speaks_is_left_alone) {
  const char* const scripts[] = {
      "var let_ = 1, o = {let: 1, const: 2, class: 3}; o.let = o.const + o.class;",
      "var s = 'let a = `x` => 1_0 ?. const'; // const `x` =>\n/* class A {} ... */",
      "var r = /let a = `[/]const/g.test('x'), q = 'don\\'t const';",
      "var o = {f() { return 1; }, ['a' + 1]: 2}, p = 2 ** 3, b = 0b11 + 0o7;",
      "var of = 1, async = 2, yield_ = of + async, a = [1, 2,], c = {d: 1,};",
      "var a = [1], i = 0; a[i] = 2; a[0][1] = 3; if (i) { i = 1; }",
      "var a = 1 ? .5 : 1, t = a++ / 2 / 1, u = 4 / (1) / 2; var c = 1;",
      "var \xE6\xB8\xA9 = '\xE6\xB8\xA9', d = new Date(0), \\u0061b = 1;",
      "label: for (;;) { break label; } switch (1) { case 1: default: }",
      "if (typeof module !== 'undefined') module.exports = {};",
      "if (!Object.entries) Object.entries = function (a) { return a; };\nvar x = "
      "Object.entries({});",
      "Array.prototype.find = function () { return 7; };\nvar f = [].find();",
      "function Map() {}\nvar m = new Map();",
      "var M = typeof Map === 'function' ? new Map() : {};",
      "var k = Object.keys({}), has = 'abc'.includes('b') && 'abc'.startsWith('a');",
      "console.log(Math.trunc(1.5), new DataView(new ArrayBuffer(8)).getFloat32(0));",
  };
  for (const std::string script : scripts) {
    EXPECT_EQ(load(script).error, "") << script;
    EXPECT_EQ(judged(script), "") << script;
  }
  EXPECT_EQ(newer_language(demo_script(), ""), "");
}

TEST_F(Language, a_fault_before_it_is_told_as_the_engine_has_it) {
  EXPECT_EQ(judged("var = 1;\n\nlet a = 1;"), "");
  EXPECT_EQ(newer_language("for (;;);\nvar a = 1;", "the parsing script ran longer than 50 ms"),
            "");
}

TEST_F(Language, every_missing_name_is_missing_from_the_real_engine) {
  for (const MissingName& missing : missing_names()) {
    const std::string name(missing.name);
    const std::string there =
        name.starts_with('.')
            ? "[Array, String, Number, Date, RegExp, Uint8Array, DataView, ArrayBuffer, Function, "
              "Object].some(function (o) { return '" +
                  name.substr(1) + "' in o.prototype; })"
            : "typeof " + name + " !== 'undefined'";
    EXPECT_EQ(decode("function rawDataToProtocol(b) { return {there: " + there + "}; }").output,
              R"({"there":false})")
        << name;
  }
}

}  // namespace
}  // namespace xgate::script
