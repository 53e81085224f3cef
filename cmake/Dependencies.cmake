# ringbuf_dependency(<package> <target> <repository> <commit>): makes <target> available, from the parent project, from
# the system (find_package), or, unless RINGBUF_FETCH_DEPENDENCIES is off, from the pinned commit.
include(FetchContent)

macro(ringbuf_dependency package target repository commit)
  if(NOT TARGET ${target})
    if(RINGBUF_FETCH_DEPENDENCIES AND CMAKE_VERSION VERSION_GREATER_EQUAL 3.25)
      FetchContent_Declare(${package}
        SYSTEM # first: behind GIT_TAG, CMake 3.25 takes it for a part of that
        GIT_REPOSITORY ${repository}
        GIT_TAG ${commit}
        FIND_PACKAGE_ARGS QUIET)
      FetchContent_MakeAvailable(${package})
    else()
      find_package(${package} REQUIRED)
    endif()
  endif()
endmacro()
