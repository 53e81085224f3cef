# Looks for a Python that has pytest, for the tests: RINGBUF_PYTHON. The one of the path may be another than the system's,
# and the packages may be with the latter.
if(NOT RINGBUF_PYTHON)
  find_package(Python3 QUIET COMPONENTS Interpreter)
  foreach(candidate IN ITEMS "${Python3_EXECUTABLE}" /usr/bin/python3)
    if(RINGBUF_PYTHON OR NOT EXISTS "${candidate}")
      continue()
    endif()
    execute_process(COMMAND "${candidate}" -c "import pytest" RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
    if(result EQUAL 0)
      set(RINGBUF_PYTHON "${candidate}" CACHE FILEPATH "The Python interpreter for the tests; it needs pytest")
    endif()
  endforeach()
endif()

# Lets a test use the package of the source tree with the library of this build.
function(ringbuf_python_environment test)
  set_tests_properties(${test} PROPERTIES ENVIRONMENT
    "RINGBUF_LIBRARY=$<TARGET_FILE:ringbuf>;PYTHONPATH=${PROJECT_SOURCE_DIR}/capi/python;PYTHONDONTWRITEBYTECODE=1")
endfunction()
