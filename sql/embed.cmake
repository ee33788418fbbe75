# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=… -DFILES=a.sql;b.sql -DGRANTS=grants.sql -P embed.cmake: the files as raw string literals in one .cpp.

# A compiler may refuse literals beyond 64 KB; adjacent ones are joined.
function(as_literals file result)
  file(READ ${file} text)
  string(LENGTH "${text}" length)
  set(literals "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 12000 part)
    string(APPEND literals "R\"xgate_sql(${part})xgate_sql\"\n")
    math(EXPR at "${at} + 12000")
  endwhile()
  set(${result} "${literals}" PARENT_SCOPE)
endfunction()

set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  string(SUBSTRING ${name} 0 4 digits)
  math(EXPR number "${digits}")
  as_literals(${file} literals)
  string(APPEND entries "    Migration{${number}, \"${name}\", ${literals}},\n")
endforeach()
as_literals(${GRANTS} grants)
file(WRITE ${OUT} "// SPDX-License-Identifier: Apache-2.0
// Made from sql/*.sql by embed.cmake.
#include \"sql/migrations.hpp\"

#include <array>

namespace xgate::sql {
namespace {
constexpr std::array all{
${entries}};
constexpr std::string_view all_grants = ${grants};
}  // namespace
std::span<const Migration> migrations() noexcept { return all; }
std::string_view grants() noexcept { return all_grants; }
}  // namespace xgate::sql
")
