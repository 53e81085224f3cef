#!/usr/bin/env python3
"""man.py XML SOURCE OUTPUT VERSION DATE: man pages of the functions of ringbuf.h, from Doxygen's XML, and ringbuf(7).

It fails if a comment names a function or a code that does not exist, or if no function returns some code.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def plain(element):
    return " ".join("".join(element.itertext()).split())


def text(element):
    """A sentence a line, names in bold, without the lists that Doxygen puts into a paragraph."""
    parts = [element.text or ""]
    for child in element:
        parts += [rf"\fB{plain(child)}\fP" if child.tag in ("ref", "computeroutput") else "", child.tail or ""]
    return re.sub(r"(?<=[.?!]) (?=[A-Z\\])", "\n", " ".join("".join(parts).split()))


def description(element):
    brief, detailed = ([*map(text, element.findall(f"{part}description/para"))] for part in ("brief", "detailed"))
    return "\n.Pp\n".join(filter(None, ["\n".join(filter(None, brief + detailed[:1])), *detailed[1:]]))


def items(element, kind):
    rows = element.findall(f"detaileddescription//parameterlist[@kind='{kind}']/parameteritem")
    return {row.findtext(".//parametername"): text(row.find("parameterdescription/para")) for row in rows}


def listed(macro, rows):
    return [".Bl -tag -width 12n", *(f".It {macro} {head}\n{body}" for head, body in rows), ".El"] if rows else []


def members(element, page):
    """The members of the structs and enums that an element refers to: on the first page that does so."""
    for name in [ref.text for ref in element.iter("ref") if ref.text in tables and ref.text not in home]:
        home[name] = page
        rows = []
        for member in tables[name].iter("enumvalue" if tables[name].tag == "memberdef" else "memberdef"):
            parts = (plain(part) for tag in ("type", "name", "initializer") for part in member.findall(tag))
            rows.append((" ".join(parts), description(member)))
        yield from [f".Ss Members of {name}", *listed("Sy", rows), *members(tables[name], page)]


def page(function, group):
    name, brief = function.findtext("name"), plain(function.find("briefdescription")).removesuffix(".")
    arguments = re.split(r", (?![^(]*\))", function.findtext("argsstring")[1:-1])
    lines = [f".Dd {date}\n.Dt {name.upper()} 3\n.Os ringbuf {version}\n.Sh NAME\n.Nm {name}"]
    lines += [f".Nd {brief[0].lower()}{brief[1:]}\n.Sh SYNOPSIS\n.In ringbuf.h\n.Ft {plain(function.find('type'))}"]
    lines += [f".Fo {name}", *(f'.Fa "{argument}\\&"' for argument in arguments), ".Fc\n.Sh DESCRIPTION"]
    lines += [description(function), f".Ss Functions of this group: {group.findtext('title')}", description(group)]
    lines += members(function, name)
    lines += [".Sh PARAMETERS", *listed("Fa", items(function, "param").items())] if arguments != ["void"] else []
    returns = [*map(text, function.findall(".//simplesect[@kind='return']/para"))]
    lines += [".Sh RETURN VALUE", *(returns or ["\\fBRINGBUF_OK\\fP (0), or a positive code."])]
    results = {**items(group, "retval"), **items(function, "retval")}
    if function.findtext("type") == "int" and name != "ringbuf_close":  # which takes NULL
        for argument in (a for a in arguments if "*" in a):
            of_handle = re.search(r"ringbuf_t \*\w", argument)
            code = "RINGBUF_NOT_INITIALIZED" if of_handle else "RINGBUF_INVALID_ARGUMENT"
            results.setdefault(code, "The handle is NULL." if of_handle else "A pointer is NULL.")
        lines += [".Xr ringbuf_last_error 3\ndescribes a failure."]
        lines += listed("Sy", [(code, results[code]) for code in codes if code in results])
    unreturned.difference_update(results)
    see = {other.findtext("name") for other in group.iter("memberdef")} - {name}
    see |= {home.get(r.text, r.text.removesuffix("()")) for r in function.iter("ref")} & functions.keys() - {name}
    return "\n".join([*lines, ".Sh SEE ALSO", *(f".Xr {other} 3 ," for other in sorted(see)), ".Xr ringbuf 7\n"])


xml, source, output, version, date = *map(Path, sys.argv[1:4]), *sys.argv[4:]
compounds = [c for path in sorted(xml.glob("*.xml")) for c in ElementTree.parse(path).iter("compounddef")]
for space in (e for c in compounds for e in c.iter("sp")):  # in code
    space.text = " "
header = next(c for c in compounds if c.get("kind") == "file")
groups = sorted((c for c in compounds if c.get("kind") == "group"), key=lambda c: int(c.find(".//location").get("line")))
tables = {c.findtext("compoundname"): c for c in compounds if c.get("kind") == "struct"}
tables |= {m.findtext("name"): m for m in header.iter("memberdef") if m.get("kind") == "enum"}
codes = [value.findtext("name") for value in tables["ringbuf_code"].iter("enumvalue")]
functions = {f.findtext("name"): (f, group) for group in groups for f in group.iter("memberdef")}
home, unreturned = {}, {*codes} - {"RINGBUF_OK"}
pages = {f"man3/{name}.3": page(*functions[name]) for name in functions}

elements = [element for compound in compounds for element in compound.iter()]
names = {e.text for e in elements if e.tag in ("name", "compoundname")}
said = {n for e in elements if e.tag in ("para", "parametername") for n in re.findall(r"\b(?:ringbuf|RINGBUF)_\w+", plain(e))}
if said - names or unreturned:
    sys.exit(f"ringbuf.h: unknown names: {sorted(said - names)}; codes that no function returns: {sorted(unreturned)}")

rows = []
for group in groups:
    short = [(f"{f.findtext('name')} 3", plain(f.find("briefdescription"))) for f in group.iter("memberdef")]
    rows += [f".Ss {group.findtext('title')}", description(group), *listed("Xr", short)]
conventions = [".Bl -bullet", *(f".It\n{text(item)}" for item in header.findall(".//listitem/para")), ".El"]
values = {"VERSION": version, "DATE": date, "FUNCTIONS": "\n".join(rows), "CONVENTIONS": "\n".join(conventions)}
template = (source / "docs/ringbuf.7.in").read_text(encoding="utf-8")
for name in re.findall(r"@(\w+/[\w./]+)@", template):  # a program
    values[name] = re.sub("^(?=[.'])", r"\&", (source / name).read_text(encoding="utf-8").replace("\\", "\\e"), flags=re.M)
pages["man7/ringbuf.7"] = re.sub(r"@([\w./]+)@", lambda match: values[match[1]], template)
for name, content in pages.items():
    (output / name).parent.mkdir(parents=True, exist_ok=True)
    (output / name).write_text(content, encoding="utf-8")
