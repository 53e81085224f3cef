# An overlay port of the source tree in which it lies: vcpkg install ringbuf --overlay-ports=PATH/TO/cmake/vcpkg
# Nobody has run it with vcpkg; tests/recipes runs it with functions of the same names. vcpkg takes the result of an earlier
# build for this one as long as the port is the same, whatever the sources are: --no-binarycaching after a change there.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    -DRINGBUF_TESTS=OFF
    -DRINGBUF_DEMO=OFF
    -DRINGBUF_FETCH_DEPENDENCIES=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/ringbuf)
vcpkg_fixup_pkgconfig()

set(VCPKG_POLICY_DLLS_IN_STATIC_LIBRARY enabled) # there is a shared library and a static one, whatever the triplet
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
