"""conan_recipe.py RECIPE WORK VERSION CMAKE: runs conanfile.py, then test_package, with modules that do what Conan's of the same
names are documented to do, as far as the recipes use them. What they do not have, a recipe cannot call.
"""

import fnmatch
import importlib.util
import os
import shutil
import subprocess
import sys
import types
from pathlib import Path

RECIPE, WORK, VERSION, CMAKE = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]


class InvalidConfiguration(Exception):
    """Raised by validate()."""


class Settings(dict):
    __getattr__ = dict.__getitem__

    def get_safe(self, name):
        return self.get(name)


class ConanFile:
    settings = options = None

    def requires(self, reference, visible=True):
        self.required.append(reference)

    def run(self, command, env=None):
        assert env == "conanrun"
        subprocess.run(command, shell=True, check=True)


class CMakeToolchain:
    def __init__(self, conanfile):
        self.conanfile, self.cache_variables = conanfile, {}

    def generate(self):
        self.conanfile.cache_variables = self.cache_variables


class CMakeDeps:
    def __init__(self, conanfile):
        self.conanfile = conanfile

    def generate(self):
        self.conanfile.has_deps = True


class CMake:
    def __init__(self, conanfile):
        self.conanfile = conanfile

    def configure(self):
        conanfile = self.conanfile
        assert conanfile.has_deps and conanfile.cache_variables is not None
        on = {True: "ON", False: "OFF"}
        definitions = [f"-D{name}={on[value]}" for name, value in conanfile.cache_variables.items()]
        prefix = [f"-DCMAKE_INSTALL_PREFIX={conanfile.package_folder}"] if conanfile.package_folder else []
        where = ["-S", conanfile.source_folder, "-B", conanfile.build_folder, "-G", "Ninja"]
        offline = ["-DFETCHCONTENT_FULLY_DISCONNECTED=ON", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_UNITY_BUILD=ON"]
        self.cmake(*where, *definitions, *prefix, *offline, *conanfile.found_by)

    def build(self):
        self.cmake("--build", self.conanfile.build_folder)

    def install(self):
        self.cmake("--install", self.conanfile.build_folder)

    def cmake(self, *arguments):
        result = subprocess.run([CMAKE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            sys.exit(f"{arguments}: {result.stdout}")


def copy(conanfile, pattern, src, dst, keep_path=True, excludes=None, ignore_case=True, overwrite_equal=False):
    src, copied = Path(src), []
    for file in sorted(src.rglob("*")):
        name = file.relative_to(src).as_posix()
        if file.is_file() and fnmatch.fnmatch(name, pattern) and not (excludes and fnmatch.fnmatch(name, excludes)):
            target = Path(dst) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
            copied.append(str(target))
    assert copied, f"{pattern} in {src}: no such file"
    return copied


def module(name, **content):
    made = types.ModuleType(name)
    made.__dict__.update(content)
    sys.modules[name] = made


def cmake_layout(conanfile):
    conanfile.has_layout = True


module("conan", ConanFile=ConanFile)
module("conan.errors", ConanInvalidConfiguration=InvalidConfiguration)
module("conan.tools")
module("conan.tools.build", check_min_cppstd=lambda conanfile, least: cppstds.append(least), can_run=lambda conanfile: True)
module("conan.tools.cmake", CMake=CMake, CMakeDeps=CMakeDeps, CMakeToolchain=CMakeToolchain, cmake_layout=cmake_layout)
module("conan.tools.files", copy=copy, load=lambda conanfile, path: Path(path).read_text())
cppstds = []


class CppInfo:
    def __init__(self):
        self.properties = {}

    def set_property(self, name, value):
        self.properties[name] = value


def recipe_in(folder):
    spec = importlib.util.spec_from_file_location("conanfile", folder / "conanfile.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    (kind,) = [
        value for value in vars(loaded).values() if isinstance(value, type) and issubclass(value, ConanFile) and value is not ConanFile
    ]
    conanfile = kind()
    conanfile.recipe_folder, conanfile.required, conanfile.found_by = str(folder), [], []
    conanfile.settings = Settings(
        {"os": "Linux", "arch": "x86_64", "compiler": "gcc", "compiler.cppstd": "17", "build_type": "Release"})
    assert kind.settings == ("os", "arch", "compiler", "build_type")
    conanfile.has_deps = conanfile.has_layout = False
    conanfile.cache_variables = conanfile.package_folder = None
    return conanfile


def test_package(package, where):
    """As cmake would have it from CMakeDeps, if that made the files, and from builddirs, since it makes none."""
    test = recipe_in(RECIPE / "test_package")
    test.tested_reference_str = f"ringbuf/{VERSION}"
    test.requirements()
    assert test.required == [test.tested_reference_str]
    assert set(test.generators) == {"CMakeDeps", "CMakeToolchain"}
    test.has_deps, test.cache_variables = True, {}
    test.source_folder, test.build_folder = str(RECIPE / "test_package"), str(WORK / "test")
    assert package.cpp_info.properties["cmake_find_mode"] == "none"
    (builddir,) = package.cpp_info.builddirs
    assert (where / builddir / "ringbufConfig.cmake").exists(), builddir
    test.found_by = [f"-DCMAKE_PREFIX_PATH={where / builddir}"]
    test.cpp = types.SimpleNamespace(build=types.SimpleNamespace(bindir=test.build_folder))
    test.layout()
    test.build()
    test.test()


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    package = recipe_in(RECIPE)
    package.set_version()
    assert (package.name, package.version) == ("ringbuf", VERSION), package.version

    package.validate()
    assert cppstds == [20]
    package.settings["compiler"] = "msvc"
    try:
        package.validate()
    except InvalidConfiguration as why:
        assert "MinGW" in str(why)
    else:
        sys.exit("validate() takes msvc")

    package.source_folder = package.export_sources_folder = str(WORK / "source")
    package.build_folder, package.package_folder = str(WORK / "build"), str(WORK / "package")
    package.export_sources()
    exported = [path.relative_to(WORK / "source").as_posix() for path in (WORK / "source").rglob("*")]
    assert "tests" not in exported and "build" not in exported, exported
    package.layout()
    package.requirements()
    (fmt,) = package.required
    assert fmt.startswith("fmt/") and package.default_options == {"fmt/*:header_only": True}
    package.generate()
    package.build()
    package.package()
    package.cpp_info = CppInfo()
    package.package_info()

    where = WORK / "package"
    for file in ("licenses/LICENSE", "include/ringbuf.h"):
        assert (where / file).exists(), file
    for library in package.cpp_info.libs:
        assert list(where.glob(f"lib*/lib{library}.so")), library
    test_package(package, where)
    shutil.rmtree(WORK)


if __name__ == "__main__":
    main()
