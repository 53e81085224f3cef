# See debian-cross.cmake.
set(include "${CMAKE_BINARY_DIR}/headers")
file(MAKE_DIRECTORY "${include}")
file(CREATE_LINK /usr/include/fmt "${include}/fmt" SYMBOLIC)
add_library(fmt::fmt-header-only INTERFACE IMPORTED GLOBAL)
target_include_directories(fmt::fmt-header-only INTERFACE "${include}")
target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY)
