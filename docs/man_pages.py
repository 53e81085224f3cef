#!/usr/bin/env python3
"""man_pages.py XML SOURCE OUTPUT VERSION

Writes the manual: a page of section 3 for each function, from what Doxygen has read in ringbuf.h (the directory XML),
and ringbuf(7), from docs/ringbuf.7.in. Fails if a function that capi/ringbuf.map exports has no page, or if a comment
does not say what it has to. The date is that of SOURCE_DATE_EPOCH, or today.
"""

import datetime
import os
import re
import sys
import textwrap
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

# Which page lists the members of a struct or an enum.
TABLES = {
    "ringbuf_options_init": ["ringbuf_options_t", "ringbuf_ring_flag"],
    "ringbuf_open": ["ringbuf_open_flag"],
    "ringbuf_info": ["ringbuf_info_t", "ringbuf_state"],
    "ringbuf_strerror": ["ringbuf_code"],
    "ringbuf_type_name": ["ringbuf_data_type"],
}
# Where to read on, besides the group of a function.
RELATED = {"ringbuf_options_t": "ringbuf_options_init", "ringbuf_info_t": "ringbuf_info"}


def words(element):
    """The text of an element as (kind, text): kind is text, code, or name (of something else that is documented)."""
    if element.text:
        yield "code" if element.tag == "computeroutput" else "name" if element.tag == "ref" else "text", element.text
    for child in element:
        if child.tag not in ("simplesect", "itemizedlist", "para"):
            yield from words(child)
        if child.tail:
            yield "text", child.tail


def plain(element):
    return " ".join("".join(text for _, text in words(element)).split())


def escape(text):
    return text.replace("\\", "\\e")


def marked_up(kind, text, page):
    """The macro for a name, and its arguments."""
    name = text.removesuffix("()")
    if kind == "name" and name in functions:
        return ("Fn", name) if name == page else ("Xr", name, "3")
    if kind == "name" and name.startswith("ringbuf_"):
        return "Vt", name
    constant = kind == "name" or text.startswith("RINGBUF_")
    return "Dv" if constant else "Fa", f'"{escape(text)}"' if " " in text else escape(text)


class Text:
    """Collects lines of mdoc."""

    def __init__(self):
        self.lines = []

    def macro(self, line):
        self.lines.append(line)

    def text(self, text):
        """One line a sentence, as mdoc wants it."""
        for sentence in re.split(r"(?<=[.!?]) +(?=[A-Z])", " ".join(text.split())):
            for line in textwrap.wrap(escape(sentence), 78, break_long_words=False, break_on_hyphens=False):
                self.lines.append(("\\&" if line[0] in ".'" else "") + line)

    def flow(self, pieces, page):
        """A paragraph: each name becomes a macro on a line of its own, with what touches it."""
        before = ""
        pieces = list(pieces)
        for i, (kind, text) in enumerate(pieces):
            if kind == "text":
                before += text
                continue
            # In front of it an opening bracket, or a word to glue it to.
            touching = re.search(r"\S*$", before)[0]
            self.text(before.removesuffix(touching))
            before = ""
            macro, *arguments = marked_up(kind, text.strip(), page)
            line = ["No", escape(touching), "Ns", macro] if touching.strip("([") else [macro, *touching]
            line += arguments
            # Behind it punctuation, or the rest of a word.
            if i + 1 < len(pieces) and pieces[i + 1][0] == "text":
                punctuation, rest, after = re.match(r"([.,:;)\]?!]*)(\S*)(.*)", pieces[i + 1][1], flags=re.S).groups()
                line += [*punctuation, *(["Ns", rest] if rest else [])]
                pieces[i + 1] = ("text", after)
            self.macro("." + " ".join(line))
        self.text(before)

    def members(self, rows):
        self.macro(".Bl -tag -width Ds")
        for name, pieces in rows:
            self.macro(f".It {name}")
            self.flow(pieces, "")
        self.macro(".El")


class Documented:
    """What ringbuf.h says about a function or a group."""

    def __init__(self, element):
        brief, detailed = element.find("briefdescription"), element.find("detaileddescription")
        self.brief = brief.find("para")
        self.paragraphs = [p for d in (brief, detailed) for p in d.findall("para")]
        self.returns = detailed.find(".//simplesect[@kind='return']/para")
        self.lists = [[item.find("para") for item in items] for items in detailed.iter("itemizedlist")]

    def text(self):
        return " ".join(plain(p) for p in self.paragraphs)

    def pieces(self):
        for p in self.paragraphs:
            yield from words(p)
            yield "text", " "

    def codes(self):
        return re.findall(r"RINGBUF_[A-Z_]+", plain(self.returns)) if self.returns is not None else []


class Function(Documented):
    def __init__(self, element, group):
        super().__init__(element)
        self.group = group
        self.name = element.find("name").text
        self.type = plain(element.find("type"))
        named = [p for p in element.findall("param") if p.find("declname") is not None]  # not (void)
        self.parameters = [(plain(p.find("type")), p.find("declname").text) for p in named]

    def problems(self):
        said = self.text() + (" " + plain(self.returns) if self.returns is not None else "")
        marked = {text.lstrip("*") for kind, text in self.pieces() if kind == "code"}
        for kind, name in self.parameters:
            # A name counts where it cannot be just a word: marked, with an underscore, in [start, end) or a call. The
            # handle that a function works on is in the conventions.
            place = rf"\b{name}\b" if "_" in name else rf"(\w\(|\[)[\w, ]*\b{name}\b|\b{name}\("
            as_name = name in marked or re.search(place, said)
            if kind not in ("ringbuf_t *", "const ringbuf_t *") and not as_name:
                yield f"its comment says nothing about '{name}'"

    def all_codes(self):
        named = {*self.codes(), *self.group.codes()}
        if self.type == "int" and self.name != "ringbuf_close":
            pointers = [kind for kind, _ in self.parameters if kind.endswith("*") or "(*)" in kind]
            handles = [kind for kind in pointers if kind in ("ringbuf_t *", "const ringbuf_t *")]
            named |= {"RINGBUF_NOT_INITIALIZED"} if handles else set()
            named |= {"RINGBUF_INVALID_ARGUMENT"} if len(pointers) > len(handles) else set()
        return [code for code in codes if code in named]

    def short(self):
        """What stands behind the name: the first clause of the comment."""
        text = re.split(r"[:;.](?= |$)| \(|, (?![^(\[]*[)\]])", plain(self.brief))[0]
        return text[0].lower() + text[1:]


class Group(Documented):
    def __init__(self, element):
        super().__init__(element)
        self.title = element.find("title").text
        self.functions = [Function(m, self) for m in element.iter("memberdef") if m.get("kind") == "function"]


def member_rows(element):
    for member in element.iter("enumvalue" if element.tag == "memberdef" else "memberdef"):
        documented = Documented(member)
        name, kind, value = (member.find(part) for part in ("name", "type", "initializer"))
        head = f"Dv {name.text} No {value.text}" if kind is None else f'Fa "{plain(kind)} {name.text}"'
        yield head, list(documented.pieces())


def page(function):
    t = Text()
    t.macro(f".Dd {date}")
    t.macro(f".Dt {function.name.upper()} 3")
    t.macro(f".Os ringbuf {version}")
    t.macro(".Sh NAME")
    t.macro(f".Nm {function.name}")
    t.macro(f".Nd {escape(function.short())}")
    t.macro(".Sh LIBRARY")
    t.macro("Ring buffers in shared memory (libringbuf, \\-lringbuf)")
    t.macro(".Sh SYNOPSIS")
    t.macro(".In ringbuf.h")
    t.macro(f".Ft {function.type}")
    t.macro(f".Fo {function.name}")
    for kind, name in function.parameters or [("void", "")]:
        declared = kind.replace("(*)", f"(*{name})") if "(*)" in kind else f"{kind} {name}".replace("* ", "*").strip()
        for part in declared.split(", "):  # so that the line can be broken there
            t.macro(f'.Fa "{part}{"" if part[-1] != ")" else chr(92) + "&"}"')
    t.macro(".Fc")
    t.macro(".Sh DESCRIPTION")
    t.flow(function.pieces(), function.name)
    for table in TABLES.get(function.name, []):
        t.macro(f".Ss {'The fields of' if table.endswith('_t') else 'The constants of enum'} {table}")
        t.members(member_rows(tables[table]))
    t.macro(f'.Ss "All functions of this group: {function.group.title}"')
    t.flow(function.group.pieces(), function.name)
    t.macro(".Sh RETURN VALUES")
    named = function.all_codes()
    if function.type != "int":
        t.text("See above.")
    elif not named:
        t.flow([("name", "RINGBUF_OK"), ("text", " (0).")], function.name)
    else:
        t.flow([("name", "RINGBUF_OK"), ("text", " (0), or a positive code.")], function.name)
        if function.returns is not None:
            t.flow(words(function.returns), function.name)
        t.macro(".Sh ERRORS")
        t.members((f"Dv {code}", codes[code]) for code in named)
        t.macro(".Pp")
        t.flow([("name", "ringbuf_last_error"), ("text", " says in words what was wrong.")], function.name)
    t.macro(".Sh SEE ALSO")
    related = {other.name for other in function.group.functions}
    related |= {text.removesuffix("()") for kind, text in function.pieces() if kind == "name"} & functions.keys()
    related |= {RELATED[k] for kind, _ in function.parameters for k in RELATED if k in kind}
    related -= {function.name}
    for name in sorted(related):
        t.macro(f".Xr {name} 3 ,")
    t.macro(".Xr ringbuf 7")
    return "\n".join(t.lines) + "\n"


def overview(template, conventions):
    t = Text()
    t.macro(".Bl -bullet")
    for item in conventions:
        t.macro(".It")
        t.flow(words(item), "")
    t.macro(".El")
    rows = Text()
    for group in groups:
        rows.macro(f".Ss {group.title}")
        rows.flow(group.pieces(), "")
        rows.macro(".Bl -tag -width Ds")
        for function in group.functions:
            rows.macro(f".It Xr {function.name} 3")
            rows.text(function.short())
        rows.macro(".El")
    values = {"VERSION": version, "DATE": date, "CONVENTIONS": "\n".join(t.lines), "FUNCTIONS": "\n".join(rows.lines)}
    text = re.sub(r"@([A-Z]+)@", lambda m: values[m[1]], template)
    return re.sub(r"^@(\S+)@\n", lambda m: literal(Path(source, m[1]).read_text(encoding="utf-8")), text, flags=re.M)


def literal(text):
    return re.sub(r"^(?=[.'])", r"\\&", escape(text), flags=re.M)


xml, source, output, version = sys.argv[1:]
exports, template = Path(source, "capi/ringbuf.map"), Path(source, "docs/ringbuf.7.in")
day = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), datetime.timezone.utc)
date = f"{day:%B} {day.day}, {day.year}"
parsed = [ElementTree.parse(path).getroot() for path in sorted(Path(xml).glob("*.xml")) if path.name != "index.xml"]
compounds = [c for root in parsed for c in root.iter("compounddef")]
header = next(c for c in compounds if c.find("compoundname").text == "ringbuf.h")
tables = {m.find("name").text: m for m in header.iter("memberdef") if m.get("kind") == "enum"}
tables |= {c.find("compoundname").text: c for c in compounds if c.get("kind") == "struct"}
codes = {v.find("name").text: list(Documented(v).pieces()) for v in tables["ringbuf_code"].iter("enumvalue")}
order = re.findall(r"defgroup|^ *(ringbuf_\w+);", exports.read_text(encoding="utf-8"), flags=re.M)
groups = [Group(c) for c in compounds if c.get("kind") == "group"]
groups.sort(key=lambda group: order.index(group.functions[0].name))
functions = {function.name: function for group in groups for function in group.functions}

problems = [f"{name}: {problem}" for name, function in functions.items() for problem in function.problems()]
problems += [f"{name} is exported, but is no documented function" for name in order if name not in functions]
problems += [f"{name} is documented, but not exported" for name in functions if name not in order]
problems += [f"{group.title}: who may call these, and do they block?" for group in groups
             if not re.search(r"^For .*\. None (blocks|waits)", group.text())]
returned = {code for function in functions.values() for code in function.all_codes()} | {"RINGBUF_OK"}
problems += [f"no function returns {code}" for code in codes if code not in returned]
problems += [f"{name}: unknown table" for tables_of in TABLES.values() for name in tables_of if name not in tables]
if problems:
    sys.exit("".join(f"ringbuf.h: {problem}\n" for problem in problems))

pages = {f"man3/{name}.3": page(function) for name, function in functions.items()}
pages["man7/ringbuf.7"] = overview(template.read_text(encoding="utf-8"), Documented(header).lists[0])
for name, content in pages.items():
    for target, section in re.findall(r"^\.(?:It )?Xr (?:[(\[] )?(\w+) (\d)", content, flags=re.M):
        if f"man{section}/{target}.{section}" not in pages:
            sys.exit(f"{name}: there is no {target}({section})")
    path = Path(output, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
print(f"{len(functions)} pages of section 3 for {len(order)} exported functions, and ringbuf(7)")
