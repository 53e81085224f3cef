# Linux on aarch64, with glibc 2.28 or newer: what a released wheel has to run on.
set(CMAKE_SYSTEM_PROCESSOR aarch64)
include("${CMAKE_CURRENT_LIST_DIR}/manylinux.cmake")
