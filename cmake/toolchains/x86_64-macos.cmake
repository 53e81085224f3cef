# macOS on Intel's processors.
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER_TARGET x86_64-macos.11.0)
set(CMAKE_CXX_COMPILER_TARGET x86_64-macos.11.0)
include("${CMAKE_CURRENT_LIST_DIR}/macos.cmake")
