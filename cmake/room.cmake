# SPDX-License-Identifier: Apache-2.0

# xgate_room(TARGET [DEPENDS …]): the static library of a folder, from every .cpp in it and below.
# The folder is the list: adding a file needs no second place.
function(xgate_room target)
  cmake_parse_arguments(ROOM "" "" "DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC ${ROOM_DEPENDS})
    xgate_unity(${target})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${ROOM_DEPENDS})
  endif()
endfunction()

# xgate_unity(TARGET): XGATE_UNITY's. Nearly all of a file's time goes into the headers of the libraries, so that many
# files in one translation unit take little longer than one. tests/architecture keeps their names apart.
function(xgate_unity target)
  if(NOT XGATE_UNITY MATCHES "^[0-9]*$")
    message(FATAL_ERROR "XGATE_UNITY is how many files are compiled as one, such as 8; it is \"${XGATE_UNITY}\"")
  endif()
  if(XGATE_UNITY GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${XGATE_UNITY})
    # A file's own names are the next one's globals then, what it includes GCC takes for a header, and with so much in
    # sight it follows pointers into Boost where nobody led them.
    target_compile_options(${target} PRIVATE -Wno-shadow -Wno-null-dereference
                           $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# xgate_unit_tests(ROOM [WHOLE] [SOURCES …] [DEPENDS …]): tests/unit/ROOM/**/*.cpp and SOURCES (fakes) as one
# GoogleTest program; of "service/api", unit_service_api.
# WHOLE: run by ctest as one test, for programs whose cases share something dear (a database). Sanitized, all are: each
# start of such a program costs more than most cases do.
function(xgate_unit_tests room)
  cmake_parse_arguments(UNIT "WHOLE" "" "SOURCES;DEPENDS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/unit/${room}/*.cpp)
  if(NOT sources OR NOT XGATE_UNIT_TESTS)
    return()
  endif()
  if(NOT XGATE_UNIT_TESTS STREQUAL ON AND NOT room IN_LIST XGATE_UNIT_TESTS)
    return()
  endif()
  string(REPLACE "/" "_" program unit_${room})
  string(REPLACE "/" "." name ${XGATE_TEST_PREFIX}unit.${room})
  add_executable(${program} ${sources} ${UNIT_SOURCES})
  target_link_libraries(${program} PRIVATE ${UNIT_DEPENDS} GTest::gmock GTest::gtest_main)
  xgate_unity(${program})
  target_compile_definitions(${program} PRIVATE XGATE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(UNIT_WHOLE OR XGATE_SANITIZE)
    add_test(NAME ${name} COMMAND ${program})
    set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 600)
    return()
  endif()
  gtest_discover_tests(${program} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS unit TIMEOUT 120)
endfunction()
