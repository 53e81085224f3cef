cmake_minimum_required(VERSION 3.20)
project(consumer LANGUAGES C CXX)

find_package(ringbuf 1 REQUIRED)

add_executable(writer writer.c)
target_link_libraries(writer PRIVATE ringbuf::ringbuf) # the shared library, for C and all that calls C

add_executable(levels levels.cpp)
target_link_libraries(levels PRIVATE ringbuf::core) # the static library and the C++ headers
