#!/usr/bin/env python3
"""comments.py FILE: writes a header with its comments as Doxygen wants them, line for line.

The comments of the headers are plain text. What Doxygen needs more follows from where they stand and how they begin:

- the first one is the file's, one before a declaration is the declaration's, one behind a field the field's;
- in ringbuf.h, "--- Title" begins a group, "Returns" the codes, `name` and *name are code, and a name of the interface
  is a reference, so that one that does not exist is an error.
"""

import re
import sys
from pathlib import Path


def slug(title):
    return re.sub(r"[^a-z]+", "_", title.lower()).strip("_")


def c_text(text):
    text = re.sub(r"(?<![\w*`/])(\*[a-z_]+)", r"`\1`", text)  # *bytes
    # What is in backticks is not touched; calls (name(...)) are linked by Doxygen itself.
    parts = re.split(r"(`[^`]*`|\"[^\"]*\")", text)
    names = r"(?<![\w#])(ringbuf_[a-z_]+(?!\w|\()|RINGBUF_[A-Z0-9_]+(?!\w))"
    parts[::2] = [re.sub(names, lambda m: m[0] if m[0].endswith("_") else "#" + m[0], part) for part in parts[::2]]
    text = "".join(parts)
    return re.sub(r"^( \* )Returns( from each of these:)? ", r"\1@return ", text, flags=re.M)


def c_header(source):
    groups = 0

    def convert(match):
        nonlocal groups
        before, text = match[1], match[2]
        if before.startswith("#") and not before.startswith("#define"):
            return match[0]
        if before.strip():
            return f"{before}/**< {c_text(text)}*/"
        if match.start() == 0:
            return f"{before}/** @file\n{c_text(text).split(chr(10), 1)[1]}*/"
        section = re.match(r"--- (.*?) -+\n", text)
        if section:
            groups += 1
            close = "/** @} */ " if groups > 1 else ""
            rest = c_text(text[section.end() :]).rstrip()
            return f"{close}/** @defgroup {slug(section[1])} {section[1]}\n{rest} @{{ */"
        return f"{before}/** {c_text(text)}*/"

    converted = re.sub(r"^([^\n]*?)/\* (.*?)\*/", convert, source, flags=re.M | re.S)
    end = converted.rindex("\n#ifdef __cplusplus")
    return converted[:end] + "/** @} */" + converted[end:]


def cpp_header(source):
    def convert(match):
        code, text = match[1], match[2]
        if code.startswith("#"):
            return match[0]
        return f"{code}///< {text}" if code.strip() else f"{code}///{' ' * bool(text)}{text}"

    # A file's comment stands before #pragma once; what is protected is nothing for programs.
    source = source.replace("\n protected:\n", "\n private:\n")
    return re.sub(r"^(.*?)//(?: |$)(.*)", convert, source, flags=re.M).replace("#pragma once", "/// @file", 1)


path = Path(sys.argv[1])
sys.stdout.write((c_header if path.suffix == ".h" else cpp_header)(path.read_text(encoding="utf-8")))
