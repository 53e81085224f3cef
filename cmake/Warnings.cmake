# Warnings for a target of ours; never for those who link it.
function(ringbuf_warnings target)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /permissive- /utf-8)
  else()
    target_compile_options(${target} PRIVATE
      -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-align -Wdouble-promotion -Wformat=2 -Wundef -Wvla
      "$<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor;-Wold-style-cast;-Woverloaded-virtual>"
      "$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>")
  endif()
  # In a unit of several files each has the names of others around it, and GCC guesses lengths through more calls. A build with
  # CMAKE_UNITY_BUILD=OFF says what each file has.
  if(CMAKE_UNITY_BUILD AND NOT MSVC)
    target_compile_options(${target} PRIVATE -Wno-shadow "$<$<CXX_COMPILER_ID:GNU>:-Wno-format-truncation;-Wno-array-bounds>")
  endif()
  set_target_properties(${target} PROPERTIES COMPILE_WARNING_AS_ERROR ${RINGBUF_WERROR})
endfunction()
