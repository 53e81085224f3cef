# Install rules: what programs run with (runtime), what they are built with (development).
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ringbuf")

install(TARGETS ringbuf ringbuf_core EXPORT ringbufTargets
  RUNTIME COMPONENT runtime
  LIBRARY COMPONENT runtime NAMELINK_COMPONENT development
  ARCHIVE COMPONENT development)
install(FILES capi/ringbuf.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
install(DIRECTORY include/ringbuf DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development
  FILES_MATCHING PATTERN "*.hpp")

# find_package(ringbuf)
install(EXPORT ringbufTargets NAMESPACE ringbuf:: DESTINATION "${package_dir}" COMPONENT development)
configure_package_config_file(cmake/ringbufConfig.cmake.in ringbufConfig.cmake INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(ringbufConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES
  "${CMAKE_CURRENT_BINARY_DIR}/ringbufConfig.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/ringbufConfigVersion.cmake"
  DESTINATION "${package_dir}" COMPONENT development)

# pkg-config: paths relative to the file itself, so that the installed tree can be moved.
file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
file(RELATIVE_PATH pc_libdir "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH pc_includedir "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
set(pc_system_libraries "")
if(WIN32)
  set(pc_system_libraries " -lntdll -ladvapi32")
endif()
configure_file(ringbuf.pc.in ringbuf.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/ringbuf.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT development)
