# Debian packages, with cpack -G DEB: libringbuf1 for programs to run with, libringbuf-dev to build them, and with
# RINGBUF_TOOLS ringbuf-tools, the ringbuf command, and with RINGBUF_NATS ringbuf-nats, its extension.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ringbuf)
set(CPACK_PACKAGE_VENDOR "ringbuf contributors")
set(CPACK_PACKAGE_CONTACT "ringbuf contributors <ringbuf@ringbuf.invalid>") # Debian wants an address; this is nobody's
set(CPACK_COMPONENTS_ALL runtime development)
if(RINGBUF_TOOLS)
  list(APPEND CPACK_COMPONENTS_ALL tools)
endif()
if(RINGBUF_NATS)
  list(APPEND CPACK_COMPONENTS_ALL nats)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/PackageDocuments.cmake")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SOURCE ringbuf)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
string(CONCAT description
  "One process writes samples into a ring in shared memory; any number of\n"
  "others look at windows of them without a copy, or consume them as a queue.\n"
  "\n"
  "This package has ")

get_target_property(soversion ringbuf SOVERSION)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME libringbuf${soversion})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=") # later versions of one SONAME do as well
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${CMAKE_CURRENT_BINARY_DIR}/package/triggers")
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/package/triggers" "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "${description}the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libringbuf-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "libringbuf${soversion} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "${description}what programs are built with.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME ringbuf-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_CURRENT_BINARY_DIR}") # ours is in no package yet
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS
  "libringbuf${soversion} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
string(CONCAT CPACK_DEBIAN_TOOLS_DESCRIPTION "${description}the command ringbuf, which looks at rings,\n"
  "shows their signals, feeds, copies, records and removes them.")

set(CPACK_DEBIAN_NATS_PACKAGE_NAME ringbuf-nats)
set(CPACK_DEBIAN_NATS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_NATS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_NATS_PACKAGE_DEPENDS
  "libringbuf${soversion} (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_NATS_PACKAGE_RECOMMENDS "ringbuf-tools (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_NATS_PACKAGE_SUGGESTS nats-server)
string(CONCAT CPACK_DEBIAN_NATS_DESCRIPTION "${description}the command ringbuf nats, which carries\n"
  "rings to other machines over NATS JetStream.")

include(CPack)
