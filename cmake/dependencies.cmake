# SPDX-License-Identifier: Apache-2.0
# Every dependency is a Debian package; ARCHITECTURE.md says why each was chosen.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(RapidJSON REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(CURL REQUIRED)
if(XGATE_TESTS AND XGATE_UNIT_TESTS)
  find_package(GTest REQUIRED)
endif()
find_package(Boost 1.81 REQUIRED)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)

# The broker's plugin headers come without a pkg-config file.
find_path(MOSQUITTO_PLUGIN_INCLUDE_DIR mosquitto_plugin.h REQUIRED)

# Boost headers only (Asio, Beast, unordered); error_category comes with Asio itself.
add_library(xgate_boost INTERFACE)
target_include_directories(xgate_boost SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_definitions(xgate_boost INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ERROR_CODE_HEADER_ONLY
                                                 BOOST_ASIO_DISABLE_VISIBILITY=0)
target_link_libraries(xgate_boost INTERFACE Threads::Threads)

# Duktape is compiled here from its one file: Debian's library has no execution-time check.
find_path(DUKTAPE_SOURCE_DIR duktape.c PATHS /usr/share/duktape REQUIRED)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
