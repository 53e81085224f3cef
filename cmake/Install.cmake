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

# README.md and the pages in docs.
set(pages "${CMAKE_CURRENT_BINARY_DIR}/pages")
file(RELATIVE_PATH headers "${CMAKE_INSTALL_FULL_DOCDIR}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DSOURCE=${PROJECT_SOURCE_DIR}\" \"-DOUTPUT=${pages}\"
  \"-DHEADERS=${headers}\" -P \"${CMAKE_CURRENT_LIST_DIR}/InstalledPages.cmake\" RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR \"InstalledPages.cmake: \${failed}\")
endif()"
  COMPONENT development)
install(DIRECTORY "${pages}/" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development)

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
# What a program of C needs besides, if it links the static library: what the C++ compiler links by itself and the C
# compiler does not (so -lstdc++ -lm, or -lc++), and the backend's.
set(pc_private_libraries ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(REMOVE_ITEM pc_private_libraries c ${CMAKE_C_IMPLICIT_LINK_LIBRARIES})
list(TRANSFORM pc_private_libraries REPLACE "^.*/lib([^/]+)\\.[a-z]+$" "\\1") # of some compilers: a path
list(APPEND pc_private_libraries ${ringbuf_libraries_${ringbuf_backend}})
list(REMOVE_DUPLICATES pc_private_libraries)
list(TRANSFORM pc_private_libraries PREPEND "-l")
list(JOIN pc_private_libraries " " pc_private_libraries)
set(pc_definitions "")
if(RINGBUF_ATOMIC_COPIES)
  set(pc_definitions " -DRINGBUF_ATOMIC_COPIES")
endif()
configure_file(ringbuf.pc.in ringbuf.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/ringbuf.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT development)
