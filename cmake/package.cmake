# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` lays out (bin/xgate comes from cli/), and the Debian package that `cpack` makes of it.
install(TARGETS mosquitto_xgate LIBRARY DESTINATION lib/xgate)
install(FILES deploy/mosquitto.conf.in deploy/xgate.toml.in deploy/render.bash deploy/haproxy.cfg deploy/database-roles.sql
        DESTINATION ${CMAKE_INSTALL_DATADIR}/xgate)
install(PROGRAMS deploy/render-mosquitto-conf deploy/render-xgate-toml deploy/set-service-account
        deploy/debian/broker-configuration deploy/debian/migrate DESTINATION ${CMAKE_INSTALL_DATADIR}/xgate)
install(FILES README.md README.zh-CN.md ARCHITECTURE.md CHANGELOG.md SECURITY.md deploy/debian/copyright
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES deploy/systemd/mosquitto-xgate.conf RENAME xgate.conf DESTINATION lib/systemd/system/mosquitto.service.d)

# The program writes its own manual and completions.
install(CODE "set(program \"$<TARGET_FILE:xgate>\")
set(share \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}\")")
install(CODE [[
file(MAKE_DIRECTORY ${share}/bash-completion/completions ${share}/zsh/vendor-completions)
execute_process(COMMAND ${program} manual ${share}/man COMMAND_ERROR_IS_FATAL ANY)
file(GLOB pages ${share}/man/man1/xgate*.1 ${share}/man/zh_CN/man1/xgate*.1)
execute_process(COMMAND gzip -9nf ${pages} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${program} completion bash OUTPUT_FILE ${share}/bash-completion/completions/xgate
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${program} completion zsh OUTPUT_FILE ${share}/zsh/vendor-completions/_xgate
                COMMAND_ERROR_IS_FATAL ANY)]])

# Debian wants to know of the version; what changed stands in CHANGELOG.md.
install(CODE "set(source \"${PROJECT_SOURCE_DIR}\")
set(base \"${PROJECT_VERSION}\")
set(doc \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")")
install(CODE [[
include(${source}/cmake/version.cmake)
xgate_version(${source} ${base} version)
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog "xgate (${version}) unstable; urgency=medium

  * See CHANGELOG.md.

 -- xgate authors <xgate@example.com>  ${now}
")
execute_process(COMMAND gzip -9nf ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)]])

# The unit names the program by its full path, and only the installation knows its prefix (cpack has its own).
install(CODE "set(unit_in \"${PROJECT_SOURCE_DIR}/deploy/systemd/xgate.service.in\")
set(unit_out \"${CMAKE_BINARY_DIR}/deploy/xgate.service\")
set(bin_dir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
set(doc_dir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}\")
set(share_dir \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/xgate\")
configure_file(\"\${unit_in}\" \"\${unit_out}\" @ONLY)")
install(FILES ${CMAKE_BINARY_DIR}/deploy/xgate.service DESTINATION lib/systemd/system)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xgate)
set(CPACK_PACKAGE_VENDOR "xgate authors")
set(CPACK_PACKAGE_CONTACT "xgate authors <xgate@example.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "platform side of an MQTT device-access protocol")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION "A Mosquitto plugin, a service and a command line that stand
 in for the cloud that the devices of one MQTT access protocol talk to: on a
 desk, a test bench or a site of one's own.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, mosquitto (>= 2.0.11-1.2+deb12u2), mosquitto (<< 2.1~), openssl, tzdata")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql, mosquitto-clients, procps") # procps: Mosquitto's unit reloads by /bin/kill
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
    ${PROJECT_SOURCE_DIR}/deploy/debian/prerm ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_version.cmake) # read when cpack runs
include(CPack)
