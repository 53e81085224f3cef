# What Debian's cross compilers have in common: libraries for the other machine there are none, but GoogleTest comes as
# source and fmt as headers. Those are made available without the rest of /usr/include, which is for this machine.
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_FIND_ROOT_PATH "${CMAKE_CURRENT_LIST_DIR}")
set(CMAKE_PROJECT_ringbuf_INCLUDE "${CMAKE_CURRENT_LIST_DIR}/debian-cross-dependencies.cmake")
set(FETCHCONTENT_SOURCE_DIR_GTEST /usr/src/googletest CACHE PATH "Debian's googletest")
