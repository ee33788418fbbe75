# SPDX-License-Identifier: Apache-2.0
# The version that programs and packages name: 0.1.0+312.g1a2b3c4, where 312 counts the commits, so that a later build's is
# higher for dpkg. `.dirty` where the sources differ from the commit; without git (an archive of the sources) only 0.1.0.
# This file is also a script: cmake -DSOURCE=… -DBASE=… -DOUTPUT=… -P version.cmake writes generated/version.hpp, at every
# build, for a commit changes nothing that would make the build configure itself anew.
cmake_policy(VERSION 3.25)

function(xgate_version source base result)
  set(version ${base})
  set(git git -c safe.directory=${source} -C ${source}) # root builds in others' checkouts too
  execute_process(COMMAND ${git} rev-list --count HEAD OUTPUT_VARIABLE count ERROR_QUIET
                  OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed EQUAL 0)
    execute_process(COMMAND ${git} rev-parse --short=7 HEAD OUTPUT_VARIABLE commit ERROR_QUIET
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(version ${base}+${count}.g${commit})
    execute_process(COMMAND ${git} diff --quiet HEAD RESULT_VARIABLE dirty ERROR_QUIET)
    if(NOT dirty EQUAL 0)
      string(APPEND version .dirty)
    endif()
  endif()
  set(${result} ${version} PARENT_SCOPE)
endfunction()

if(OUTPUT)
  xgate_version(${SOURCE} ${BASE} version)
  file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "// written by cmake/version.cmake\n#define XGATE_VERSION \"@version@\"\n" @ONLY)
endif()
