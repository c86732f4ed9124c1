"""What a chunk is, and how precisely a rejection says why one is none."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from conformance.envelopes import CHUNK_TYPES, Chunk, Kind, NotAChunk, is_sentinel, parse
from tests.envelopes.examples import EXAMPLES

_INVALID = [
    pytest.param(name, chunk, id=f"{name}-{index}")
    for name, example in EXAMPLES.items()
    for index, chunk in enumerate(example.invalid())
]


def reason_for(data: str) -> str:
    with pytest.raises(NotAChunk) as caught:
        parse(data)
    assert caught.value.reason == str(caught.value)
    return caught.value.reason


def test_every_type_has_examples() -> None:
    assert EXAMPLES.keys() == CHUNK_TYPES.keys()


@pytest.mark.parametrize("name", CHUNK_TYPES)
def test_the_fullest_example_has_every_field_of_the_model(name: str) -> None:
    fields = CHUNK_TYPES[name].fields
    assert EXAMPLES[name].full.keys() - {"type"} == fields.keys()
    assert EXAMPLES[name].least.keys() - {"type"} == {field for field in fields if fields[field].required}


@pytest.mark.parametrize("name", CHUNK_TYPES)
def test_valid_examples_are_accepted(name: str) -> None:
    for example in (EXAMPLES[name].least, EXAMPLES[name].full):
        fields = {key: value for key, value in example.items() if key != "type"}
        assert parse(json.dumps(example)) == Chunk(example["type"], fields)


@pytest.mark.parametrize(("name", "chunk"), _INVALID)
def test_invalid_examples_are_rejected_for_the_field_that_is_wrong(name: str, chunk: dict[str, Any]) -> None:
    full = EXAMPLES[name].full
    # As text: to Python, the number 1 equals true.
    wrong = next(field for field in full if field not in chunk or json.dumps(chunk[field]) != json.dumps(full[field]))
    assert f"the field {wrong} " in reason_for(json.dumps(chunk))


@pytest.mark.parametrize("name", CHUNK_TYPES)
def test_every_type_rejects_something(name: str) -> None:
    assert EXAMPLES[name].invalid()


def test_unknown_fields_are_kept() -> None:
    assert parse('{"type":"start","extra":[null]}') == Chunk("start", {"extra": [None]})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            '{"type":"text-delta","id":"1","delta":null}',
            '"text-delta": the field delta must be a string, got null',
        ),
        (
            '{"type":"text-delta","id":7,"delta":"x"}',
            '"text-delta": the field id must be a string, got the number 7',
        ),
        (
            '{"type":"text-delta","delta":"x"}',
            '"text-delta": the field id is missing: expected a string',
        ),
        (
            '{"type":"finish","finishReason":"unknown"}',
            '"finish": the field finishReason must be one of stop, length, content-filter, tool-calls, error, other, '
            'got the string "unknown"',
        ),
        (
            '{"type":"file","url":"x","mediaType":"y","providerMetadata":{"p":{"a":[1e400]}}}',
            '"file": the field providerMetadata must be an object of objects of JSON values, '
            'got a number beyond the range of a double in "a" in "p"',
        ),
        (
            '{"type":"tool-input-start","toolCallId":"1","toolName":"x","dynamic":"yes"}',
            '"tool-input-start": the field dynamic must be a boolean, got the string "yes"',
        ),
        ('{"type":"\\ud800"}', 'the field type must name an AI SDK v6 chunk, got the string "\\ud800"'),
        ('{"id":"1"}', "the field type is missing: expected the name of a chunk type"),
        ('{"type":true}', "the field type must be a string, got the boolean true"),
        ("[1]", "the data must be a JSON object, got an array"),
        ("ping", 'the data is not JSON: Expecting value at character 0 of 4: "ping"'),
        ('{"type":NaN}', 'the data is not JSON: NaN is no JSON value: "{\\"type\\":NaN}"'),
    ],
)
def test_the_reason_says_which_field_what_was_expected_and_what_came(data: str, reason: str) -> None:
    assert reason_for(data) == reason


def test_a_reason_quotes_no_more_than_a_line() -> None:
    for data in (
        "x" * 10**6,
        json.dumps({"type": "x\n" * 10**6}),
        json.dumps({"type": "error", "errorText": ["x" * 10**6]}),
    ):
        reason = reason_for(data)
        assert len(reason) < 300
        assert "\n" not in reason


@pytest.mark.parametrize(
    ("data", "disputed"),
    [
        ('{"type":"tool-output-available","toolCallId":"1"}', True),
        ('{"type":"data-x"}', True),
        ('{"type":"data-x","data":' + "[" * 1000 + "]" * 1000 + "}", True),
        ('{"type":"tool-input-start","toolCallId":"1","toolName":"x","inputEncoding":"xml"}', True),
        ('{"type":"tool-input-start","toolCallId":"1","inputEncoding":"xml"}', False),
        ('{"type":"tool-output-available","output":1}', False),
        ('{"type":"tool-input-error","toolCallId":"1","toolName":"x"}', False),
        ('{"type":"tool-output-error","errorText":1}', False),
        ('{"type":"start","messageId":null}', False),
    ],
)
def test_a_rejection_that_not_every_6x_client_shares_is_marked(data: str, disputed: bool) -> None:
    with pytest.raises(NotAChunk) as caught:
        parse(data)
    assert caught.value.disputed is disputed


def test_the_sentinel_is_the_whole_of_the_data_and_no_chunk() -> None:
    assert is_sentinel("[DONE]")
    assert not is_sentinel("[DONE] ")
    assert not is_sentinel('"[DONE]"')
    reason_for("[DONE]")


@pytest.mark.parametrize("levels", [401, 1_000, 100_000])
def test_deep_nesting_is_a_reason_and_no_recursion_error(levels: int) -> None:
    for opening, closing in ("[]", ('{"a":', "}")):
        data = '{"type":"data-x","data":' + opening * (levels - 1) + "0" + closing * (levels - 1) + "}"
        assert "is nested deeper than 400 levels" in reason_for(data)


def test_nesting_is_followed_from_a_deep_stack_or_refused_with_a_reason() -> None:
    data = '{"type":"data-x","data":' + "[" * 399 + "]" * 399 + "}"

    def descend(levels: int) -> str:
        if levels:
            return descend(levels - 1)
        try:
            return parse(data).type
        except NotAChunk as error:
            return error.reason[:40]

    assert descend(0) == "data-x"
    assert descend(650) in ("data-x", "the data is nested deeper than this suit")


@pytest.mark.parametrize("text", ['"' + '\\"' * 30_000, "[" * 500 + '"' + '\\"' * 30_000, '"a' * 30_000 + "[" * 500])
def test_no_text_takes_quadratic_time(text: str) -> None:
    began = time.process_time()
    reason_for(text)
    assert time.process_time() - began < 2


def test_numbers_are_kept_as_javascript_can_read_them() -> None:
    fields = parse('{"type":"data-x","data":[9007199254740993,1e400,' + "9" * 5000 + "]}").fields
    assert fields["data"] == [9007199254740993, float("inf"), float("inf")]


def test_the_model_is_data() -> None:
    assert len(CHUNK_TYPES) == 25
    assert CHUNK_TYPES["finish"].fields["finishReason"].choices[0] == "stop"
    assert CHUNK_TYPES["data-*"].fields["data"].kind is Kind.ANY
    for chunk_type in CHUNK_TYPES.values():
        for field in chunk_type.fields.values():
            assert bool(field.choices) == (field.kind is Kind.CHOICE)
