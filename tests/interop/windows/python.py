"""usage: python.py DIRECTORY HERE, in the top directory of Python's sources; see python.sh

Makes in the sources what is generated, and DIRECTORY/build.ninja.
"""

import re
import subprocess
import sys
from pathlib import Path

made, here = map(Path, sys.argv[1:])

#: Modules that Microsoft's build makes of their own, and their sources.
MODULES = {
    "_asyncio": ["Modules/_asynciomodule.c"],
    "_ctypes": [
        f"Modules/_ctypes/{name}.c"
        for name in ("_ctypes", "callbacks", "callproc", "cfield", "malloc_closure", "stgdict")
    ],
    "_multiprocessing": ["Modules/_multiprocessing/multiprocessing.c", "Modules/_multiprocessing/semaphore.c"],
    "_overlapped": ["Modules/overlapped.c"],
    "_queue": ["Modules/_queuemodule.c"],
    "_socket": ["Modules/socketmodule.c"],
    "select": ["Modules/selectmodule.c"],
    "unicodedata": ["Modules/unicodedata.c"],
}
FROZEN = {
    "importlib._bootstrap": "Lib/importlib/_bootstrap.py",
    "importlib._bootstrap_external": "Lib/importlib/_bootstrap_external.py",
    "zipimport": "Lib/zipimport.py",
}
WITHOUT = {"Modules/zlibmodule.c", "PC/dl_nt.c", "PC/invalid_parameter_handler.c"}
LIBRARIES = "ws2_32 ole32 oleaut32 shlwapi version advapi32 user32 pathcch bcrypt uuid iphlpapi rpcrt4 mswsock"


def change(file, *changes):
    text = Path(file).read_text()
    for old, new in changes:
        text, count = re.subn(old, new, text, flags=re.MULTILINE)
        if not count:
            raise SystemExit(f"{file} has no {old}")
    Path(file).write_text(text)


def generate():
    frozen = []
    for name, source in {**FROZEN, "getpath": "Modules/getpath.py"}.items():
        header = f"Python/frozen_modules/{name}.h"
        subprocess.run([sys.executable, "Programs/_freeze_module.py", name, source, header], check=True)
        if name in FROZEN:
            frozen.append(f"{header}:{name}")
    command = [sys.executable, "Tools/scripts/deepfreeze.py", *frozen, "-o", "Python/deepfreeze/deepfreeze.c"]
    subprocess.run(command, check=True)


def adapt():
    change(
        "Python/frozen.c",
        (r'^    \{"(?!_frozen_importlib|zipimport)[^"]*", NULL, 0, (true|false), GET_CODE\(\w+\)\},\n', ""),
        (r"^extern PyObject \*_Py_get_(?!importlib__boot|zipimport)\w+\(void\);\n", ""),
    )
    change(
        "PC/config.c",
        (r"^extern PyObject\* PyInit__abc", "".join(f"extern PyObject* PyInit_{m}(void);\n" for m in MODULES) + r"\g<0>"),
        (r'^    \{"_abc"', "".join(f'    {{"{m}", PyInit_{m}}},\n' for m in MODULES) + r"\g<0>"),
    )
    # What is there for Microsoft's compiler is there for its C library, which mingw has as well.
    change("Modules/posixmodule.c", ("_MSC_VER", "MS_WINDOWS"))
    change("Modules/timemodule.c", (r"_MSC_VER && _MSC_VER >= 1400", "MS_WINDOWS"), ("_MSC_VER", "MS_WINDOWS"))
    change("Python/dynload_win.c", (r"^static int\n_Py_CheckPython3", "int\n_Py_CheckPython3"))
    change("Modules/socketmodule.c", (r"^#define (IPPROTO_[A-Z0-9]+) \1.*$", ""))  # they are macros already


def sources():
    project = Path("PCbuild/pythoncore.vcxproj").read_text()
    core = [name.replace("\\", "/") for name in re.findall(r'<ClCompile Include="\.\.\\([^"]*)"', project)]
    own = [source for of_module in MODULES.values() for source in of_module]
    others = ["Programs/python.c", "Python/deepfreeze/deepfreeze.c", str(here / "program.c")]
    return [name for name in dict.fromkeys(core + own + others) if name not in WITHOUT]


def ninja():
    options = {"Modules/socketmodule.c": "-include winsock2.h -include ws2tcpip.h", "Python/sysmodule.c": "-DMS_COREDLL"}
    includes = f"-IPC -IInclude -IInclude/internal -I{made}/libffi/include -IModules/_ctypes -IPython"
    defines = "-DPy_NO_ENABLE_SHARED -DPy_BUILD_CORE -DPy_BUILD_CORE_BUILTIN -DFFI_STATIC_BUILD -DUSING_MALLOC_CLOSURE_DOT_C=1"
    flags = f"-O1 -w -fwrapv -fno-strict-aliasing -include {here}/compiler.h {defines} {includes}"
    links = " ".join(f"-l{name}" for name in LIBRARIES.split())
    lines = [
        f"builddir = {made}/objects",
        f"rule cc\n  command = x86_64-w64-mingw32-gcc-posix -c {flags} $options $in -o $out",
        # ctypes.pythonapi finds the functions of Python in the program.
        "rule link\n  command = x86_64-w64-mingw32-gcc-posix -municode -static -Wl,--export-all-symbols -o $out @$out.list "
        f"{made}/libffi/lib/libffi.a {links}\n  rspfile = $out.list\n  rspfile_content = $in",
    ]
    objects = []
    for number, source in enumerate(sources()):
        objects.append(f"{made}/objects/{number}.o")
        lines.append(f"build {objects[-1]}: cc {source}\n  options = {options.get(source, '')}")
    lines.append(f"build {made}/python.exe: link {' '.join(objects)}")
    (made / "build.ninja").write_text("\n".join(lines) + "\n")


generate()
adapt()
ninja()
