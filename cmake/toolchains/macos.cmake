# What both machines have in common: Zig's compiler, which brings macOS's headers and stubs, and libc++. The programs can be run
# nowhere here. cmake/bootstrap.sh packages ci puts it into build/macos.
set(CMAKE_SYSTEM_NAME Darwin)
set(CMAKE_BUILD_WITH_INSTALL_NAME_DIR ON) # a library is named by @rpath, not by where it was built
set(CMAKE_INSTALL_NAME_DIR "@rpath")
set(CMAKE_C_COMPILER "${CMAKE_CURRENT_LIST_DIR}/zig/cc")
set(CMAKE_CXX_COMPILER "${CMAKE_CURRENT_LIST_DIR}/zig/c++")
set(CMAKE_AR "${CMAKE_CURRENT_LIST_DIR}/zig/ar" CACHE FILEPATH "")
set(CMAKE_RANLIB "${CMAKE_CURRENT_LIST_DIR}/zig/ranlib" CACHE FILEPATH "")
set(CMAKE_INSTALL_NAME_TOOL /bin/false CACHE FILEPATH "") # nothing is installed
include("${CMAKE_CURRENT_LIST_DIR}/debian-cross.cmake")
