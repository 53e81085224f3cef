# Applies RINGBUF_SANITIZE to all targets of this directory and below.
if(RINGBUF_SANITIZE)
  add_compile_options("-fsanitize=${RINGBUF_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${RINGBUF_SANITIZE}")
  if(RINGBUF_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan) # "atomic_thread_fence is not supported": known, and no reason to do without
  endif()
  if(RINGBUF_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_compile_options(-fno-sanitize=vptr,function) # clang links what they call into C++ programs only
  endif()
endif()
