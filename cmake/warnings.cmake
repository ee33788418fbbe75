# SPDX-License-Identifier: Apache-2.0
# What every target of this project is compiled with.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wcast-align
                    -Wnull-dereference -Wformat=2
                    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>)
if(XGATE_WERROR)
  add_compile_options(-Werror)
endif()
if(XGATE_SANITIZE)
  # Recovering from undefined behaviour would hide it from the tests: stop at the first.
  add_compile_options(-fsanitize=${XGATE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${XGATE_SANITIZE})
  if(XGATE_SANITIZE MATCHES "address")
    # The checks keep millions of addresses: a position-independent program relocates all of them at each start.
    add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  endif()
  if(XGATE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  # GCC's flow analysis misfires inside sanitizer instrumentation.
  add_compile_options(-Wno-null-dereference $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
# Half of the time that a sanitized program takes to link; what is installed is linked as Debian links.
find_program(XGATE_MOLD mold)
if(XGATE_MOLD AND (XGATE_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL Debug))
  add_link_options(-fuse-ld=mold)
endif()
if(XGATE_FUZZ)
  add_compile_options(-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/cmake/sanitizer-ignorelist.txt)
  add_compile_options(-fsanitize=fuzzer-no-link) # coverage, so that a fuzzer sees into the libraries
endif()
