# cmake -DSOURCE=<top directory> -DOUTPUT=<directory> -DHEADERS=<from where the pages go to where ringbuf.h goes>
#       -P InstalledPages.cmake
#
# README.md, CHANGELOG.md and the pages in docs, as they are installed: their links to one another stay, those to headers lead
# to the installed ones, and what is in the source tree alone is named without a link.
cmake_minimum_required(VERSION 3.18)
file(REMOVE_RECURSE "${OUTPUT}")
file(GLOB shipped RELATIVE "${SOURCE}" "${SOURCE}/README.md" "${SOURCE}/CHANGELOG.md" "${SOURCE}/docs/*.md"
  "${SOURCE}/docs/*.svg" "${SOURCE}/docs/*.png")
foreach(page IN LISTS shipped)
  get_filename_component(directory "/${page}" DIRECTORY) # / or /docs
  if(NOT page MATCHES "\\.md$")
    file(COPY "${SOURCE}/${page}" DESTINATION "${OUTPUT}${directory}")
    continue()
  endif()
  file(READ "${SOURCE}/${page}" text)
  string(REGEX MATCHALL "\\]\\([^)#: ]+[)#]" links "${text}")
  string(REGEX REPLACE "\\]\\(([^)#]*)[)#]" "\\1" links "${links}")
  list(REMOVE_DUPLICATES links)
  foreach(link IN LISTS links)
    get_filename_component(path "${SOURCE}${directory}/${link}" ABSOLUTE)
    file(RELATIVE_PATH path "${SOURCE}" "${path}")
    if(path IN_LIST shipped)
      continue()
    endif()
    string(REGEX REPLACE "([.+])" "\\\\\\1" pattern "${link}")
    if(path MATCHES "^(capi/(ringbuf\\.h)|include/(ringbuf.*))$")
      file(RELATIVE_PATH header "${OUTPUT}${directory}" "${OUTPUT}/${HEADERS}/${CMAKE_MATCH_2}${CMAKE_MATCH_3}")
      string(REGEX REPLACE "\\]\\(${pattern}([)#])" "](${header}\\1" text "${text}")
    else()
      string(REGEX REPLACE "\\[([^][]*)\\]\\(${pattern}(#[^)]*)?\\)" "\\1" text "${text}")
    endif()
  endforeach()
  file(WRITE "${OUTPUT}/${page}" "${text}")
endforeach()
