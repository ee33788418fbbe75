# SPDX-License-Identifier: Apache-2.0
# Read by cpack each time: the package's version is that of the sources now, so that apt takes every newer build for newer.
# Where they differ from their commit, the time tells one build from the next.
include(${CMAKE_CURRENT_LIST_DIR}/version.cmake)
get_filename_component(source ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)
xgate_version(${source} ${CPACK_PACKAGE_VERSION} CPACK_PACKAGE_VERSION)
if(CPACK_PACKAGE_VERSION MATCHES "dirty$")
  string(TIMESTAMP now "%Y%m%d%H%M%S" UTC)
  string(APPEND CPACK_PACKAGE_VERSION ${now})
endif()
set(CPACK_DEBIAN_PACKAGE_VERSION ${CPACK_PACKAGE_VERSION})
