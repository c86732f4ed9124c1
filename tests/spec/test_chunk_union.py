"""The stream's schema in the OpenAPI document and the suite's own model of the chunks agree, type by type."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from conformance.spec_files import openapi_document

envelopes = pytest.importorskip("conformance.envelopes")

GOOD = {
    "a string": "x",
    "a boolean": True,
    "any JSON value": {"a": [None]},
    "an object of JSON values": {"a": None},
    "an object of objects of JSON values": {"provider": {"a": None}},
}
# Of the wrong type for each kind, null always among them.
BAD: dict[str, list[Any]] = {
    "a string": [None, 1, {}],
    "a boolean": [None, "true", 0],
    "one of a list of strings": [None, "no-such-choice", 1],
    "an object of JSON values": [None, [], "x"],
    "an object of objects of JSON values": [None, "x", {"provider": 1}],
    "any JSON value": [],
}


def good_chunk(name: str) -> dict[str, Any]:
    """A chunk of this type with every field that the model knows."""
    chunk: dict[str, Any] = {"type": name.replace("*", "name")}
    for field_name, field in envelopes.CHUNK_TYPES[name].fields.items():
        chunk[field_name] = field.choices[0] if field.choices else GOOD[field.kind.value]
    return chunk


def examples(name: str) -> list[dict[str, Any]]:
    whole = good_chunk(name)
    fields = envelopes.CHUNK_TYPES[name].fields
    found = [whole, {**whole, "new_field": None}, {**whole, "type": f"{whole['type']}x"}, {**whole, "type": None}]
    found.append({key: value for key, value in whole.items() if key == "type" or fields[key].required})
    for field_name, field in fields.items():
        found += [{**whole, field_name: wrong} for wrong in BAD[field.kind.value]]
        found.append({key: value for key, value in whole.items() if key != field_name})
        found += [{**whole, field_name: choice} for choice in field.choices]
    return found


def model_accepts(data: str) -> bool:
    """Whether some client of the SDK's 6.x range takes the chunk: the document is as open as the most lenient one."""
    try:
        envelopes.parse(data)
    except envelopes.NotAChunk as refusal:
        return bool(refusal.disputed)
    return True


@pytest.fixture(scope="module")
def chunk_schema() -> jsonschema_rs.Draft202012Validator:
    schema = {"$ref": "#/components/schemas/Chunk", "components": openapi_document()["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


@pytest.mark.parametrize("name", sorted(envelopes.CHUNK_TYPES))
def test_the_union_and_the_model_agree(name: str, chunk_schema: jsonschema_rs.Draft202012Validator) -> None:
    assert model_accepts(json.dumps(good_chunk(name)))
    for chunk in examples(name):
        data = json.dumps(chunk)
        assert chunk_schema.is_valid(chunk) == model_accepts(data), data


def test_the_union_has_the_model_s_types() -> None:
    schemas = openapi_document()["components"]["schemas"]
    names = [branch["$ref"].rsplit("/", 1)[1] for branch in schemas["Chunk"]["anyOf"]]
    types = [schemas[name]["properties"]["type"].get("const", "data-*") for name in names]
    assert sorted(types) == sorted(envelopes.CHUNK_TYPES)


@pytest.mark.parametrize("value", [None, [], "text-start", 1, {}, {"type": "unknown"}, {"type": "tool-"}])
def test_what_is_no_chunk_at_all_is_rejected_by_both(
    value: Any, chunk_schema: jsonschema_rs.Draft202012Validator
) -> None:
    assert not chunk_schema.is_valid(value)
    assert not model_accepts(json.dumps(value))
