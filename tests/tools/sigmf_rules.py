"""The rules of SigMF 1.2 (https://sigmf.org) that our recordings touch: a JSON schema in our own words, and what a schema
cannot say."""

import os

COUNT = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
TEXT = {"type": "string", "minLength": 1}

# A key of the namespace core: that is not listed is none of SigMF's.
GLOBAL = {
    "core:datatype": {"enum": [f"{kind}{element}" for kind in "rc" for element in
                               ("i8", "u8", *(f"{name}{order}" for name in ("f32", "f64", "i32", "i16", "u32", "u16")
                                              for order in ("_le", "_be")))]},
    "core:version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    "core:num_channels": {"type": "integer", "minimum": 1},
    "core:sample_rate": {"type": "number", "minimum": 1, "maximum": 1e12},
    "core:recorder": TEXT,
    "core:extensions": {"type": "array", "items": {
        "type": "object", "additionalProperties": False, "required": ["name", "version", "optional"],
        "properties": {"name": TEXT, "version": TEXT, "optional": {"type": "boolean"}}}},
}
CAPTURE = {
    "core:sample_start": COUNT,
    "core:global_index": COUNT,
    "core:datetime": {"type": "string", "pattern": r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?Z$"},
}
ANNOTATION = {
    "core:sample_start": COUNT,
    "core:sample_count": COUNT,
    "core:label": {"type": "string", "maxLength": 20},  # that length is a recommendation
    "core:comment": {"type": "string"},
}


def entry(properties, *required):
    """An object with these keys of core:, and any keys of extensions."""
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False,
            "patternProperties": {r"^(?!core:)[a-z0-9_]+:[a-z0-9_]+$": {}}}


SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["global", "captures", "annotations"],
    "additionalProperties": False,
    "properties": {
        "global": entry(GLOBAL, "core:datatype", "core:version"),
        "captures": {"type": "array", "items": entry(CAPTURE, "core:sample_start")},
        "annotations": {"type": "array", "items": entry(ANNOTATION, "core:sample_start")},
    },
}


def check(meta, data_path):
    """Raises AssertionError or jsonschema's ValidationError if the metadata break a rule, or do not fit their data."""
    import jsonschema

    jsonschema.validate(meta, SCHEMA)
    glob, captures, annotations = meta["global"], meta["captures"], meta["annotations"]
    # A namespace that is used is declared. Programs that know none of ours have to read the samples all the same.
    declared = {extension["name"]: extension for extension in glob["core:extensions"]}
    used = {key.split(":")[0] for part in (glob, *captures, *annotations) for key in part} - {"core"}
    assert used <= set(declared) and all(declared[name]["optional"] for name in used)
    # Sorted by the sample, each capture of another one. Indices of the samples never go back.
    starts = [capture["core:sample_start"] for capture in captures]
    assert starts and starts[0] == 0 and starts == sorted(set(starts))
    for before, after in zip(captures, captures[1:]):
        grown = after["core:global_index"] - before["core:global_index"]
        assert grown >= after["core:sample_start"] - before["core:sample_start"]
    places = [annotation["core:sample_start"] for annotation in annotations]
    assert places == sorted(places)
    # The data are whole samples, of the size that the type says, and no capture begins after their end.
    kind = glob["core:datatype"]
    element = int("".join(each for each in kind.split("_")[0] if each.isdigit())) // 8 * (2 if kind[0] == "c" else 1)
    assert kind.endswith(("_le", "_be")) == (kind[2:4] != "8")
    samples, rest = divmod(os.path.getsize(data_path), element * glob.get("core:num_channels", 1))
    assert rest == 0 and max([*starts[-1:], *places]) <= samples
