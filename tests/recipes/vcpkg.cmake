# cmake -DPORT_DIRECTORY=<cmake/vcpkg> -DWORK=<directory> -DPROGRAM=<project> -P vcpkg.cmake
#
# Runs portfile.cmake with functions that do what vcpkg's of the same names are documented to do, as far as the port uses them.
# They refuse every argument that these do not have. Then PROGRAM is built against the package and run.
cmake_minimum_required(VERSION 3.25)
set(PORT ringbuf)
set(CURRENT_PACKAGES_DIR "${WORK}/packages")
set(called "")
file(REMOVE_RECURSE "${WORK}")

function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "${ARGN}: ${result}\n${output}")
  endif()
endfunction()

# expect(<function> [<file>...]): it is called for the first time, with files that are there and nothing else.
macro(expect function)
  list(APPEND called ${function})
  set(called "${called}" PARENT_SCOPE)
  if(arg_UNPARSED_ARGUMENTS OR arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${function}: not understood: ${arg_UNPARSED_ARGUMENTS} ${arg_KEYWORDS_MISSING_VALUES}")
  endif()
  foreach(file ${ARGN})
    if(NOT EXISTS "${file}")
      message(FATAL_ERROR "${function}: there is no ${file}")
    endif()
  endforeach()
endmacro()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "DISABLE_PARALLEL_CONFIGURE;NO_CHARSET_FLAG;WINDOWS_USE_MSBUILD"
    "SOURCE_PATH;GENERATOR;LOGFILE_BASE"
    "OPTIONS;OPTIONS_DEBUG;OPTIONS_RELEASE;MAYBE_UNUSED_VARIABLES;LANGUAGES" )
  expect(vcpkg_cmake_configure "${arg_SOURCE_PATH}/CMakeLists.txt")
  foreach(type IN ITEMS Debug Release)
    set(prefix "${CURRENT_PACKAGES_DIR}")
    if(type STREQUAL "Debug")
      string(APPEND prefix /debug)
    endif()
    run("${CMAKE_COMMAND}" -S "${arg_SOURCE_PATH}" -B "${WORK}/${type}" -G Ninja -DCMAKE_BUILD_TYPE=${type}
      "-DCMAKE_INSTALL_PREFIX=${prefix}" -DCMAKE_INSTALL_LIBDIR:STRING=lib -DBUILD_SHARED_LIBS=OFF
      -DFETCHCONTENT_FULLY_DISCONNECTED=ON -DCMAKE_UNITY_BUILD=ON ${arg_OPTIONS}) # which compiles faster
  endforeach()
endfunction()

function(vcpkg_cmake_install)
  cmake_parse_arguments(PARSE_ARGV 0 arg "DISABLE_PARALLEL;ADD_BIN_TO_PATH" "" "")
  expect(vcpkg_cmake_install)
  foreach(type IN ITEMS Debug Release)
    run("${CMAKE_COMMAND}" --build "${WORK}/${type}")
    run("${CMAKE_COMMAND}" --install "${WORK}/${type}")
  endforeach()
endfunction()

# What it moves stays where it is here: in the paths that it changes it knows vcpkg's own.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "DO_NOT_DELETE_PARENT_CONFIG_PATH;NO_PREFIX_CORRECTION" 
    "PACKAGE_NAME;CONFIG_PATH;TOOLS_PATH" "")
  foreach(prefix IN ITEMS "${CURRENT_PACKAGES_DIR}" "${CURRENT_PACKAGES_DIR}/debug")
    expect(vcpkg_cmake_config_fixup "${prefix}/${arg_CONFIG_PATH}/ringbufConfig.cmake")
  endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
  cmake_parse_arguments(PARSE_ARGV 0 arg "SKIP_CHECK" "" "RELEASE_FILES;DEBUG_FILES")
  expect(vcpkg_fixup_pkgconfig "${CURRENT_PACKAGES_DIR}/lib/pkgconfig/ringbuf.pc"
    "${CURRENT_PACKAGES_DIR}/debug/lib/pkgconfig/ringbuf.pc")
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "COMMENT" "FILE_LIST")
  expect(vcpkg_install_copyright ${arg_FILE_LIST})
  file(COPY_FILE ${arg_FILE_LIST} "${CURRENT_PACKAGES_DIR}/share/${PORT}/copyright")
endfunction()

include("${PORT_DIRECTORY}/portfile.cmake")

set(expected vcpkg_cmake_configure vcpkg_cmake_install vcpkg_cmake_config_fixup vcpkg_fixup_pkgconfig
  vcpkg_install_copyright)
list(REMOVE_DUPLICATES called)
if(NOT called STREQUAL expected)
  message(FATAL_ERROR "called: ${called}\nexpected: ${expected}")
endif()
# What vcpkg looks for after a build.
foreach(file IN ITEMS include/ringbuf.h include/ringbuf/ringbuf.hpp lib/libringbuf.a lib/libringbuf.so debug/lib/libringbuf.a
    share/ringbuf/copyright share/ringbuf/usage)
  if(NOT EXISTS "${CURRENT_PACKAGES_DIR}/${file}")
    message(FATAL_ERROR "the package has no ${file}")
  endif()
endforeach()
foreach(file IN ITEMS debug/include debug/share bin debug/bin)
  if(EXISTS "${CURRENT_PACKAGES_DIR}/${file}")
    message(FATAL_ERROR "the package has ${file}")
  endif()
endforeach()
# The targets that `usage` names.
file(READ "${PORT_DIRECTORY}/usage" usage)
string(REGEX MATCHALL "ringbuf::[a-z]+" targets "${usage}")
file(STRINGS "${CURRENT_PACKAGES_DIR}/lib/cmake/ringbuf/ringbufTargets.cmake" exported REGEX "^add_library")
foreach(target IN LISTS targets)
  if(NOT exported MATCHES "add_library\\(${target} ")
    message(FATAL_ERROR "usage names ${target}, but there are only: ${exported}")
  endif()
endforeach()

run("${CMAKE_COMMAND}" -S "${PROGRAM}" -B "${WORK}/program" -G Ninja "-DCMAKE_PREFIX_PATH=${CURRENT_PACKAGES_DIR}")
run("${CMAKE_COMMAND}" --build "${WORK}/program")
foreach(program IN ITEMS shared core)
  execute_process(COMMAND "${WORK}/program/${program}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
file(REMOVE_RECURSE "${WORK}")
