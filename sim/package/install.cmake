# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` puts where, and the two Debian packages that `cpack -G DEB` makes of it: dmsim, the program, and
# libdmsim-dev, what a project needs that links the libraries (docs/library.md).
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dmsim)

install(TARGETS dmsim RUNTIME COMPONENT program)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES sim/package/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES sim/package/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libdmsim-dev COMPONENT development)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program FILES_MATCHING PATTERN *.md)

# Manual pages, completion for bash, syntax for vim: the program writes them. Debian has its manual pages compressed.
find_program(GZIP gzip REQUIRED)
set(share ${PROJECT_BINARY_DIR}/share)
add_custom_command(OUTPUT ${share}/man/man1/dmsim.1.gz
                   COMMAND ${CMAKE_COMMAND} -E rm -rf ${share}
                   COMMAND dmsim manual --output ${share}
                   COMMAND find ${share}/man -type f -exec ${GZIP} -9n {} +
                   DEPENDS dmsim VERBATIM)
add_custom_target(manual ALL DEPENDS ${share}/man/man1/dmsim.1.gz)
install(DIRECTORY ${share}/ DESTINATION ${CMAKE_INSTALL_DATADIR} COMPONENT program)

install(TARGETS dmcore dmclone sim cli EXPORT dmsim-targets ARCHIVE COMPONENT development)
install(EXPORT dmsim-targets NAMESPACE dmsim:: DESTINATION ${package_dir} COMPONENT development)
install(DIRECTORY dmcore dmclone sim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dmsim COMPONENT development
        FILES_MATCHING PATTERN *.h)
configure_package_config_file(sim/package/dmsim-config.cmake.in ${PROJECT_BINARY_DIR}/dmsim-config.cmake
                              INSTALL_DESTINATION ${package_dir})
# No promise of compatibility before version 1: a project asks for the minor version that it was written against.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/dmsim-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/dmsim-config.cmake ${PROJECT_BINARY_DIR}/dmsim-config-version.cmake
        DESTINATION ${package_dir} COMPONENT development)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME dmsim)
set(CPACK_PACKAGE_VENDOR "the dmsim maintainers")
set(CPACK_PACKAGE_CONTACT "the dmsim maintainers <maintainers@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
# Each package has a summary of its own, the first line of its description.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "device-mapper's clone target, simulated
dmsim replays dmsetup tables, messages and I/O on a simulated Linux device-mapper
with virtual disks and virtual time: no root, no kernel module, and every run is
repeatable to the byte.")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "simulated device-mapper machines for C++ programs
Static libraries, headers and a CMake package for programs that run the machines of
dmsim, test targets on them, or add a target type to dmsim.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME dmsim)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libdmsim-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
# The packages whose headers and libraries dmsim-config.cmake looks for.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libboost-dev, libboost-context-dev, libboost-regex-dev, libtbb-dev, libfmt-dev, libcli11-dev, nlohmann-json3-dev, libpugixml-dev, libexpected-dev, libssl-dev, liblzma-dev, libisal-dev")
include(CPack)
