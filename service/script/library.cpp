// SPDX-License-Identifier: Apache-2.0
#include "service/script/library.hpp"

#include <cstdlib>

// clang-format off
#include "service/script/duktape/config.h"
#include <duktape.h>
// clang-format on

namespace xgate::script {
namespace {

constexpr auto source = R"(
(function() {
  var list = Array.prototype, typed = Object.getPrototypeOf(Uint8Array.prototype);
  function add(to, name, code) {
    if (!(name in to)) Object.defineProperty(to, name, {value: code, writable: true, configurable: true});
  }
  function includes(wanted, from) {
    var size = this.length >>> 0, at = from >> 0;
    for (at = at < 0 ? Math.max(0, size + at) : at; at < size; at++) {
      if (this[at] === wanted || (wanted !== wanted && this[at] !== this[at])) return true;
    }
    return false;
  }
  function walks(gives) {
    return function() {
      var walked = this, at = 0;
      return {next: function() {
        var done = at >= walked.length;
        return {value: done ? undefined : gives(walked, at++), done: done};
      }};
    };
  }
  function gives_typed(name) {
    var of_list = list[name];
    return function() { return new this.constructor(of_list.apply(this, arguments)); };
  }
  [list, typed].forEach(function(to) {
    add(to, 'includes', includes);
    add(to, 'keys', walks(function(walked, at) { return at; }));
    add(to, 'values', walks(function(walked, at) { return walked[at]; }));
    add(to, 'entries', walks(function(walked, at) { return [at, walked[at]]; }));
  });
  ['join', 'indexOf', 'lastIndexOf', 'forEach', 'every', 'some', 'reduce', 'reduceRight', 'reverse'].forEach(
    function(name) { add(typed, name, list[name]); });
  ['slice', 'map', 'filter'].forEach(function(name) { add(typed, name, gives_typed(name)); });
})();
)";

}  // namespace

void add_library(duk_context* context) {
  if (duk_peval_string(context, source) != 0) {
    std::abort();  // it is ours, and the engine's memory is fresh
  }
  duk_pop(context);
  duk_gc(context, 0);
}

}  // namespace xgate::script
