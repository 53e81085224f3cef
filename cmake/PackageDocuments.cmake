# Run by cpack before it makes the packages: gives each of them the files in /usr/share/doc that Debian requires.
cmake_minimum_required(VERSION 3.25)
set(source "${CMAKE_CURRENT_LIST_DIR}/..")

# The license, in the form of https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
file(READ "${source}/LICENSE" license)
string(REGEX MATCH "Copyright \\(c\\) ([^\n]*)\n" line "${license}")
set(holder "${CMAKE_MATCH_1}")
string(REGEX REPLACE "^.*Copyright [^\n]*\n\n" "" license "${license}")
string(STRIP "${license}" license)
string(REPLACE "\n" "\n " license "\n${license}")
string(REPLACE "\n \n" "\n .\n" license "${license}")

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, if that is set

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER "${component}" upper)
  set(package "${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
  set(directory "${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share/doc/${package}")
  file(WRITE "${directory}/copyright"
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
    "Upstream-Name: ringbuf\n\n"
    "Files: *\nCopyright: ${holder}\nLicense: Expat${license}\n")
  file(WRITE "${directory}/changelog.Debian"
    "ringbuf (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
    "  * What is new is in changelog.gz.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  file(COPY_FILE "${source}/CHANGELOG.md" "${directory}/changelog")
  execute_process(COMMAND gzip --best --no-name changelog changelog.Debian WORKING_DIRECTORY "${directory}"
    COMMAND_ERROR_IS_FATAL ANY)

  file(GLOB manuals "${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share/man/man*/*.[0-9]")
  foreach(manual IN LISTS manuals)
    execute_process(COMMAND gzip --best --no-name "${manual}" COMMAND_ERROR_IS_FATAL ANY)
  endforeach()

  # Whatever the umask.
  set(standard OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  file(CHMOD_RECURSE "${directory}" FILE_PERMISSIONS ${standard})
  file(GLOB_RECURSE paths LIST_DIRECTORIES true "${CPACK_TEMPORARY_DIRECTORY}/${component}/*")
  foreach(path IN LISTS paths)
    if(IS_DIRECTORY "${path}" AND NOT IS_SYMLINK "${path}")
      file(CHMOD "${path}" PERMISSIONS ${standard} OWNER_EXECUTE GROUP_EXECUTE WORLD_EXECUTE)
    endif()
  endforeach()
endforeach()
