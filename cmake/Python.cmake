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

# Lets a test use the package of the source tree with the library of this build; in a build with a sanitizer, which Python
# cannot load, with RINGBUF_PLAIN_LIBRARY.
function(ringbuf_python_environment test)
  set(library "$<TARGET_FILE:ringbuf>")
  if(RINGBUF_SANITIZE)
    set(library "${RINGBUF_PLAIN_LIBRARY}")
  endif()
  set_tests_properties(${test} PROPERTIES ENVIRONMENT
    "RINGBUF_LIBRARY=${library};PYTHONPATH=${PROJECT_SOURCE_DIR}/capi/python;PYTHONDONTWRITEBYTECODE=1")
endfunction()

# ringbuf_pytests(<label> <directory> <seconds> [NAME=VALUE...]): a ctest entry <label>.<name>, with that label, for each file
# test_<name>.py of the directory. It has so much time, and these variables besides those of ringbuf_python_environment. A test that
# takes half of the time shows where it is.
function(ringbuf_pytests label directory seconds)
  file(GLOB files CONFIGURE_DEPENDS "${directory}/test_*.py")
  math(EXPR half "${seconds} / 2")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    string(REPLACE "test_" "${label}." name "${name}")
    add_test(NAME ${name} COMMAND "${RINGBUF_PYTHON}" -m pytest -q -p no:cacheprovider -o faulthandler_timeout=${half} "${file}")
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${seconds})
    ringbuf_python_environment(${name})
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT ${ARGN})
  endforeach()
endfunction()
