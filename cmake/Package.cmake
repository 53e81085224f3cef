# RPM packages, with cpack -G RPM: the preset rpm. Debian's are in cmake/debian.
set(CPACK_GENERATOR RPM)
set(CPACK_PACKAGE_NAME ringbuf)
set(CPACK_PACKAGE_VENDOR "ringbuf contributors")
set(CPACK_PACKAGE_CONTACT "ringbuf contributors <ringbuf@ringbuf.invalid>") # an address is expected; this is nobody's
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Ring buffers in shared memory")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
if(RINGBUF_TOOLS)
  list(APPEND CPACK_COMPONENTS_ALL tools)
endif()
if(RINGBUF_NATS)
  list(APPEND CPACK_COMPONENTS_ALL nats)
endif()
if(RINGBUF_WEB)
  list(APPEND CPACK_COMPONENTS_ALL web)
endif()

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_AUTOREQPROV ON)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
# The same files give the same bytes.
string(CONCAT CPACK_RPM_SPEC_MORE_DEFINE
  "%define use_source_date_epoch_as_buildtime 1\n"
  "%define clamp_mtime_to_source_date_epoch 1\n"
  "%define _buildhost localhost\n"
  "%define debug_package %{nil}\n"
  "%define _build_id_links none\n"
  "%define __os_install_post /usr/lib/rpm/brp-compress %{nil}\n")
# These directories are the system's.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /usr/${CMAKE_INSTALL_LIBDIR}/cmake /usr/${CMAKE_INSTALL_LIBDIR}/pkgconfig
  /usr/share/man /usr/share/man/man1 /usr/share/man/man3 /usr/share/man/man7 /usr/share/doc
  /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/fish /usr/share/fish/vendor_completions.d
  /usr/share/zsh /usr/share/zsh/vendor-completions)
string(CONCAT description
  "One process writes samples into a ring in shared memory; any number of\n"
  "others look at windows of them without a copy, or consume them as a queue.\n"
  "This package has ")

set(CPACK_RPM_RUNTIME_PACKAGE_NAME ringbuf-libs)
set(CPACK_RPM_RUNTIME_PACKAGE_GROUP System/Libraries)
set(CPACK_RPM_RUNTIME_PACKAGE_DESCRIPTION "${description}the shared library.")
set(CPACK_RPM_RUNTIME_POST_INSTALL_SCRIPT_FILE "${CMAKE_CURRENT_BINARY_DIR}/package/ldconfig")
set(CPACK_RPM_RUNTIME_POST_UNINSTALL_SCRIPT_FILE "${CMAKE_CURRENT_BINARY_DIR}/package/ldconfig")
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/package/ldconfig" "/sbin/ldconfig\n")

set(CPACK_RPM_DEVELOPMENT_PACKAGE_NAME ringbuf-devel)
set(CPACK_RPM_DEVELOPMENT_PACKAGE_GROUP Development/Libraries)
set(CPACK_RPM_DEVELOPMENT_PACKAGE_REQUIRES "ringbuf-libs = ${PROJECT_VERSION}-${CPACK_RPM_PACKAGE_RELEASE}")
set(CPACK_RPM_DEVELOPMENT_PACKAGE_DESCRIPTION "${description}what programs are built with.")

set(CPACK_RPM_TOOLS_PACKAGE_NAME ringbuf-tools)
set(CPACK_RPM_TOOLS_PACKAGE_GROUP Applications/System)
set(CPACK_RPM_TOOLS_PACKAGE_REQUIRES "ringbuf-libs = ${PROJECT_VERSION}-${CPACK_RPM_PACKAGE_RELEASE}")
set(CPACK_RPM_TOOLS_PACKAGE_DESCRIPTION "${description}the command ringbuf.")

set(CPACK_RPM_NATS_PACKAGE_NAME ringbuf-nats)
set(CPACK_RPM_NATS_PACKAGE_GROUP Applications/System)
set(CPACK_RPM_NATS_PACKAGE_REQUIRES "ringbuf-libs = ${PROJECT_VERSION}-${CPACK_RPM_PACKAGE_RELEASE}")
set(CPACK_RPM_NATS_PACKAGE_DESCRIPTION "${description}the command ringbuf nats, for NATS JetStream.")

set(CPACK_RPM_WEB_PACKAGE_NAME ringbuf-web)
set(CPACK_RPM_WEB_PACKAGE_GROUP Applications/System)
set(CPACK_RPM_WEB_PACKAGE_REQUIRES "ringbuf-libs = ${PROJECT_VERSION}-${CPACK_RPM_PACKAGE_RELEASE}")
set(CPACK_RPM_WEB_PACKAGE_DESCRIPTION "${description}the command ringbuf web, which shows rings in a browser.")

include(CPack)
