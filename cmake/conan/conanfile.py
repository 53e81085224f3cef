"""The recipe of the source tree in which it lies, for Conan 2: conan create PATH/TO/cmake/conan

Nobody has run it with Conan; tests/recipes runs it with modules of the same names.
"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

TOP = os.path.join("..", "..")


class RingbufConan(ConanFile):
    name = "ringbuf"
    description = "Ring buffers in shared memory: windows of samples without a copy, queues, messages"
    license = "MIT"
    topics = ("ring-buffer", "shared-memory", "ipc", "signal-processing")
    settings = "os", "arch", "compiler", "build_type"
    package_type = "shared-library"  # for C; beside it lies a static one, ringbuf::core, for C++
    default_options = {"fmt/*:header_only": True}

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, TOP, "capi", "ringbuf.h"))
        numbers = re.findall(r"#define RINGBUF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header)
        self.version = ".".join(numbers)

    def export_sources(self):
        top = os.path.join(self.recipe_folder, TOP)
        for pattern in ("CMakeLists.txt", "*.in", "*.md", "LICENSE"):
            copy(self, pattern, top, self.export_sources_folder, excludes="*/*")
        for folder in ("capi", "cmake", "docs", "include", "src"):
            copy(self, "*", os.path.join(top, folder), os.path.join(self.export_sources_folder, folder))

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("fmt/[>=9.1 <12]", visible=False)  # used inside the library alone

    def validate(self):
        if self.settings.get_safe("compiler.cppstd"):
            check_min_cppstd(self, 20)
        if self.settings.compiler == "msvc":
            raise ConanInvalidConfiguration("on Windows ringbuf is built by MinGW-w64")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["RINGBUF_TESTS"] = False
        toolchain.cache_variables["RINGBUF_DEMO"] = False
        toolchain.cache_variables["RINGBUF_FETCH_DEPENDENCIES"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        self.cpp_info.libs = ["ringbuf"]
        # The package has CMake's files of its own, with both targets: CMakeDeps makes none.
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "ringbuf")]
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.set_property("pkg_config_name", "ringbuf")
