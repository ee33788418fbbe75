// SPDX-License-Identifier: Apache-2.0
#pragma once

struct duk_hthread;

namespace xgate::script {

/// Functions that the engine lacks where scripts look for them and no reading of a script could
/// tell that they are missing, for others have functions of these names: includes(), keys(),
/// values() and entries() of arrays, and of typed arrays what works on any list.
void add_library(duk_hthread* context);

}  // namespace xgate::script
