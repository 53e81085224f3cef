# The backends of src/os/os.hpp: ringbuf_sources_<backend> are the sources of each, ringbuf_object_<backend> the directory of
# its object.hpp (and ringbuf_definitions_, ringbuf_libraries_ what these need), ringbuf_backend is the one to build with
# (RINGBUF_BACKEND).
set(ringbuf_sources_unix
  src/os/unix/files.cpp
  src/os/unix/locks.cpp
  src/os/unix/readiness.cpp
  src/os/unix/room.cpp
  src/os/unix/system.cpp)
set(ringbuf_sources_linux src/os/linux/linux.cpp src/os/linux/limits.cpp ${ringbuf_sources_unix})
# On 32-bit systems, too: locks lie at 2^62, and files and clocks go beyond 2038.
set(ringbuf_definitions_linux _FILE_OFFSET_BITS=64 _TIME_BITS=64)
set(ringbuf_libraries_linux pthread) # apart from the C library before glibc 2.34
set(ringbuf_sources_posix
  src/os/posix/directory.cpp
  src/os/posix/life.cpp
  src/os/posix/memory.cpp
  src/os/posix/wait.cpp
  ${ringbuf_sources_unix})
set(ringbuf_definitions_posix ${ringbuf_definitions_linux})
set(ringbuf_libraries_posix ${ringbuf_libraries_linux})
set(ringbuf_sources_windows
  src/os/no_readiness.cpp
  src/os/windows/enumerate.cpp
  src/os/windows/life.cpp
  src/os/windows/memory.cpp
  src/os/windows/names.cpp
  src/os/windows/sleep.cpp
  src/os/windows/system.cpp)
set(ringbuf_definitions_windows _WIN32_WINNT=0x0602) # Windows 8
set(ringbuf_libraries_windows ntdll)

set(ringbuf_backends linux posix windows)
foreach(backend IN LISTS ringbuf_backends)
  set(ringbuf_object_${backend} "${PROJECT_SOURCE_DIR}/src/os/${backend}")
endforeach()
set_property(CACHE RINGBUF_BACKEND PROPERTY STRINGS auto ${ringbuf_backends})

set(ringbuf_backend "${RINGBUF_BACKEND}")
if(ringbuf_backend STREQUAL "auto")
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    set(ringbuf_backend linux)
  elseif(WIN32)
    set(ringbuf_backend windows)
  elseif(UNIX)
    set(ringbuf_backend posix)
  else()
    message(FATAL_ERROR "ringbuf has no backend for ${CMAKE_SYSTEM_NAME} yet")
  endif()
endif()
if(NOT ringbuf_backend IN_LIST ringbuf_backends)
  message(FATAL_ERROR "RINGBUF_BACKEND is '${RINGBUF_BACKEND}', expected auto or one of: ${ringbuf_backends}")
endif()
