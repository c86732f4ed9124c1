"""Sequences of event data, good and bad, for the comparison with the SDK's own client.

A sequence is the list of the `data` strings of one turn. All but the hand-written ones come from one seed.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.envelopes.examples import EXAMPLES

Json = dict[str, Any]
_REPLACEMENTS: tuple[Any, ...] = (None, 5, "x", True, [], {}, [1], {"a": 1}, {"a": {"b": [None]}}, {"a": {"b": 1}})
_IDS = ("1", "2", "__proto__", "constructor")


def single_fields() -> Iterator[list[str]]:
    """Every field of every full example: left out, and replaced by every kind of value, one sequence a type."""
    for example in EXAMPLES.values():
        chunks: list[Json] = [example.least, example.full, *example.invalid(), {**example.full, "extra": None}]
        for name in example.full:
            chunks.append({key: value for key, value in example.full.items() if key != name})
            chunks.extend({**example.full, name: value} for value in _REPLACEMENTS)
        yield [json.dumps(chunk) for chunk in chunks]


def turns(count: int, seed: int) -> Iterator[list[str]]:
    """Plausible turns, two thirds of them with one to three mutations."""
    rng = random.Random(seed)
    for number in range(count):
        chunks = _turn(rng)
        if number % 3:
            for _ in range(rng.randint(1, 3)):
                _mutate(rng, chunks)
        yield [json.dumps(chunk) for chunk in chunks]


def heaps(count: int, seed: int) -> Iterator[list[str]]:
    """Valid chunks of any type in any order, over so few ids that they often meet."""
    rng = random.Random(seed)
    for _ in range(count):
        yield [json.dumps(_any_chunk(rng)) for _ in range(rng.randint(1, 14))]


def _turn(rng: random.Random) -> list[Json]:
    chunks: list[Json] = [{"type": "start", **rng.choice(({}, {"messageId": "m1"}, {"messageMetadata": {"a": 1}}))}]
    number = 0
    for _ in range(rng.randint(1, 3)):
        chunks.append({"type": "start-step"})
        for _ in range(rng.randint(0, 3)):
            number += 1
            chunks += rng.choice((_text, _tool, _static))(rng, str(number))
        chunks.append({"type": "finish-step"})
    ending: list[list[Json]] = [
        [{"type": "finish", "finishReason": "stop"}],
        [{"type": "abort"}],
        [{"type": "error", "errorText": "x"}],
        [{"type": "error", "errorText": "x"}, {"type": "finish-step"}, {"type": "finish", "finishReason": "error"}],
    ]
    return chunks + rng.choice(ending)


def _text(rng: random.Random, identifier: str) -> list[Json]:
    kind = rng.choice(("text", "reasoning"))
    deltas = [{"type": f"{kind}-delta", "id": identifier, "delta": "a"} for _ in range(rng.randint(0, 3))]
    return [{"type": f"{kind}-start", "id": identifier}, *deltas, {"type": f"{kind}-end", "id": identifier}]


def _tool(rng: random.Random, identifier: str) -> list[Json]:
    call: Json = {"toolCallId": identifier, "toolName": "search"}
    if rng.random() < 0.4:
        call["dynamic"] = True
    chunks: list[Json] = []
    if rng.random() < 0.7:
        chunks.append({"type": "tool-input-start", **call})
        chunks += [
            {"type": "tool-input-delta", "toolCallId": identifier, "inputTextDelta": piece} for piece in ('{"q"', ":1}")
        ]
    if rng.random() < 0.2:
        return [*chunks, {"type": "tool-input-error", **call, "input": "{", "errorText": "x"}]
    chunks.append({"type": "tool-input-available", **call, "input": {"q": 1}})
    if rng.random() < 0.3:
        chunks.append({"type": "tool-approval-request", "toolCallId": identifier, "approvalId": "a"})
    outputs: list[list[Json]] = [
        [],
        [
            {"type": "tool-output-available", "toolCallId": identifier, "output": n, "preliminary": n < 2}
            for n in range(3)
        ],
        [{"type": "tool-output-error", "toolCallId": identifier, "errorText": "x"}],
        [{"type": "tool-output-denied", "toolCallId": identifier}],
    ]
    return chunks + rng.choice(outputs)


def _static(rng: random.Random, identifier: str) -> list[Json]:
    names = ("source-url", "source-document", "file", "data-*", "message-metadata")
    return [{**EXAMPLES[rng.choice(names)].full, "number": identifier}]


def _mutate(rng: random.Random, chunks: list[Json]) -> None:
    at = rng.randrange(len(chunks)) if chunks else 0
    kind = rng.choice(("drop", "double", "swap", "insert", "break"))
    if kind == "insert" or not chunks:
        chunks.insert(at, _any_chunk(rng))
    elif kind == "drop":
        del chunks[at]
    elif kind == "double":
        chunks.insert(rng.randrange(len(chunks)), copy.deepcopy(chunks[at]))
    elif kind == "swap":
        other = rng.randrange(len(chunks))
        chunks[at], chunks[other] = chunks[other], chunks[at]
    else:
        chunks[at] = {**chunks[at], rng.choice([*chunks[at], "extra"]): rng.choice(_REPLACEMENTS)}


def _any_chunk(rng: random.Random) -> Json:
    example = EXAMPLES[rng.choice(list(EXAMPLES))]
    chunk = copy.deepcopy(rng.choice((example.least, example.full)))
    if "messageMetadata" in chunk:
        chunk["messageMetadata"] = rng.choice((None, "", "text", 0, False, {}, {"a": {"b": 1}}, {"a": 2}, [], [1]))
    for name, ids in (("id", _IDS), ("toolCallId", _IDS), ("messageId", ("", "m1", "m2"))):
        if name in chunk:
            chunk[name] = rng.choice(ids)
    if "dynamic" in chunk:
        chunk["dynamic"] = rng.choice((True, False))
    return chunk


def _text_metadata(value: str) -> str:
    return f'{{"type":"text-start","id":"1","providerMetadata":{{"a":{{"b":{value}}}}}}}'


def _nested(levels: int) -> str:
    """A chunk whose JSON is nested this many levels deep."""
    return '{"type":"data-x","data":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


# What is JSON, and what the SDK refuses in it. Each piece of data is judged by itself.
JSON_CASES: list[str] = [
    "",
    " ",
    "[DONE]",
    "[DONE] ",
    " [DONE]",
    "[done]",
    "null",
    "1",
    '"start"',
    "[]",
    '[{"type":"start"}]',
    "{}",
    "{",
    '{"type":"start"',
    '{"type":"start"}}',
    '{"type":"start"} {"type":"start"}',
    '{"type":"start",}',
    "{'type':'start'}",
    '{type:"start"}',
    '{"type":"start"} // comment',
    ' \t\n{"type"\n:\t"start"} ',
    '\u00a0{"type":"start"}',
    '\ufeff{"type":"start"}',
    '\u2028{"type":"start"}',
    '{"type":"start\u2028"}',
    '{"type":"data-\u2028","data":"\u2029\u0085"}',
    '{"type":"data-x","data":"a\tb"}',
    '{"type":"data-x","data":"a\nb"}',
    '{"type":"data-x","data":"a\x7fb"}',
    '{"type":"data-x","data":"a\x01b"}',
    '{"type":"data-x","data":NaN}',
    '{"type":"data-x","data":Infinity}',
    '{"type":"data-x","data":-Infinity}',
    '{"type":"data-x","data":-0}',
    '{"type":"data-x","data":01}',
    '{"type":"data-x","data":+1}',
    '{"type":"data-x","data":.5}',
    '{"type":"data-x","data":5.}',
    '{"type":"data-x","data":1e5}',
    '{"type":"data-x","data":1e400}',
    '{"type":"data-x","data":0x10}',
    '{"type":"data-x","data":1_000}',
    '{"type":"data-x","data":\u0661}',
    '{"type":"data-x","data":' + "9" * 6000 + "}",
    '{"type":"data-x","data":"\\ud800"}',
    '{"type":"data-x","data":"\\ud83d\\ude00"}',
    '{"type":"data-x","data":"\\u12"}',
    '{"type":"data-x","data":"\\u+123"}',
    '{"type":"data-x","data":"\\x41"}',
    '{"type":"data-x","data":"\\\'"}',
    '{"type":"data-x","data":"\\/"}',
    '{"type":"data-x","data":True}',
    '{"type":"data-x","data":undefined}',
    '{"type":"data-x","\\ud800":1,"data":1}',
    '{"type":"start","type":"nonsense"}',
    '{"type":"nonsense","type":"start"}',
    '{"\\u0074ype":"start"}',
    '{"type":"\\u0073tart"}',
    '{"type":"start","__proto__":{}}',
    '{"type":"start","__proto__":null}',
    '{"type":"data-x","data":{"a":[{"__proto__":1}]}}',
    '{"type":"data-x","data":{"\\u005f_proto__":1}}',
    '{"type":"data-x","data":"\\"__proto__\\": 1"}',
    '{"type":"data-x","data":{"constructor":1}}',
    '{"type":"data-x","data":{"constructor":{"prototype":1}}}',
    '{"type":"data-x","data":{"constructor":[{"prototype":1}]}}',
    '{"type":"data-x","data":{"constructor":{"a":{"prototype":1}}}}',
    '{"type":"data-x","data":{"prototype":{"constructor":1}}}',
    '{"type":"start","constructor":{"prototype":{}}}',
    '{"type":"start","constructor":{"prototype":{}},"constructor":1}',
    '{"type":"constructor"}',
    '{"type":"toString"}',
    '{"type":"__proto__"}',
    '{"type":"data-*","data":1}',
    '{"type":"data-","data":1}',
    '{"type":"Data-x","data":1}',
    '{"type":"data","data":1}',
    '{"type":["start"]}',
    '{"type":""}',
    '{"type":" start"}',
    _text_metadata("1e400"),
    _text_metadata("-1e400"),
    _text_metadata("[[1e400]]"),
    _text_metadata("9" * 400),
    _text_metadata("9" * 300),
    _text_metadata('{"constructor":{"a":1}}'),
    _text_metadata('{"toString":1,"isPrototypeOf":{}}'),
    '{"type":"text-start","id":"1","providerMetadata":{"constructor":{"a":1}}}',
    '{"type":"tool-input-start","toolCallId":"1","toolName":"x","toolMetadata":{"a":1e999}}',
    _nested(400),
    '{"type":"data-x","data":"' + "[" * 5000 + '"}',
    '{"type":"data-x","data":"\\"' + "{" * 5000 + '"}',
    '{"type":"data-x","data":[' + ",".join(["[]"] * 5000) + "]}",
    '{"type":"data-x","data":' + "[" * 401,
]


def _text_of(step: str, identifier: str = "1") -> Json:
    return {"type": f"text-{step}", "id": identifier, **({"delta": "a"} if step == "delta" else {})}


def _call(name: str, identifier: str = "c", **more: Any) -> Json:
    return {**EXAMPLES[name].least, "toolCallId": identifier, **more}


def _metadata(value: Any, name: str = "message-metadata") -> Json:
    return {"type": name, "messageMetadata": value}


_M1: Json = {"type": "start", "messageId": "m1"}
_M2: Json = {"type": "start", "messageId": "m2"}
_NEXT_STEP: list[Json] = [{"type": "finish-step"}, {"type": "start-step"}]

ORDER_CASES: dict[str, list[Json]] = {
    "nothing at all": [],
    "no start": [_text_of("start"), _text_of("end")],
    "delta without start": [_text_of("delta")],
    "end without start": [_text_of("end")],
    "delta after end": [_text_of("start"), _text_of("end"), _text_of("delta")],
    "end twice": [_text_of("start"), _text_of("end"), _text_of("end")],
    "start twice, end once": [_text_of("start"), _text_of("start"), _text_of("end"), _text_of("delta")],
    "an id used again": [_text_of("start"), _text_of("end"), _text_of("start"), _text_of("delta")],
    "a delta of the other kind": [_text_of("start"), {"type": "reasoning-delta", "id": "1", "delta": "a"}],
    "a delta of another id": [_text_of("start"), _text_of("delta", "2")],
    "an id of the prototype": [_text_of("delta", "__proto__")],
    "another id of the prototype": [_text_of("end", "constructor")],
    "interleaved": [
        _text_of("start"),
        _text_of("start", "2"),
        _text_of("delta"),
        _text_of("end", "2"),
        _text_of("end"),
    ],
    "finish-step closes text": [_text_of("start"), {"type": "finish-step"}, _text_of("end")],
    "finish-step closes reasoning": [
        {"type": "reasoning-start", "id": "1"},
        {"type": "finish-step"},
        {"type": "reasoning-end", "id": "1"},
    ],
    "start-step does not close text": [_text_of("start"), {"type": "start-step"}, _text_of("end")],
    "finish does not close text": [_text_of("start"), {"type": "finish"}, _text_of("delta")],
    "steps out of balance": [{"type": "finish-step"}, {"type": "finish-step"}, {"type": "start-step"}],
    "text never closed": [_text_of("start"), {"type": "finish"}],
    "chunks after finish": [{"type": "finish"}, _text_of("start"), {"type": "finish"}],
    "chunks after abort": [{"type": "abort"}, _text_of("delta")],
    "an error is no stop": [{"type": "error", "errorText": "x"}, _text_of("start"), _text_of("end")],
    "an error, then a stop": [{"type": "error", "errorText": "x"}, _text_of("end")],
    "tool delta without start": [_call("tool-input-delta")],
    "tool delta after available alone": [_call("tool-input-available"), _call("tool-input-delta")],
    "tool delta after start and available": [
        _call("tool-input-start"),
        _call("tool-input-available"),
        _call("tool-input-delta"),
    ],
    "tool delta in the next step": [_call("tool-input-start"), *_NEXT_STEP, _call("tool-input-delta")],
    "tool delta of dynamic tool": [_call("tool-input-start", dynamic=True), _call("tool-input-delta")],
    "tool delta of broken JSON": [_call("tool-input-start"), _call("tool-input-delta", inputTextDelta="]nonsense")],
    "tool delta with a forbidden key": [
        _call("tool-input-start"),
        _call("tool-input-delta", inputTextDelta='{"__proto__":1}'),
    ],
    "tool delta of text": [_call("tool-input-start", inputEncoding="text"), _call("tool-input-delta")],
    "output without call": [_call("tool-output-available")],
    "output error without call": [_call("tool-output-error")],
    "denial without call": [_call("tool-output-denied")],
    "approval without call": [_call("tool-approval-request")],
    "output after input start": [_call("tool-input-start"), _call("tool-output-available")],
    "output after input error": [_call("tool-input-error"), _call("tool-output-available")],
    "output of another call": [_call("tool-input-available"), _call("tool-output-available", "other")],
    "output in the next step": [_call("tool-input-available"), *_NEXT_STEP, _call("tool-output-available")],
    "output twice": [_call("tool-input-available"), _call("tool-output-available"), _call("tool-output-available")],
    "preliminary outputs": [
        _call("tool-input-available"),
        _call("tool-output-available", preliminary=True),
        _call("tool-output-available", preliminary=True),
        _call("tool-output-available"),
    ],
    "output marked dynamic of a call that is not": [
        _call("tool-input-available"),
        _call("tool-output-available", dynamic=True),
    ],
    "call changes to dynamic": [
        _call("tool-input-start"),
        _call("tool-input-available", dynamic=True),
        _call("tool-output-error"),
    ],
    "approval after denial": [
        _call("tool-input-available"),
        _call("tool-output-denied"),
        _call("tool-approval-request"),
    ],
    "approval in a later step": [_call("tool-input-available"), *_NEXT_STEP, _call("tool-approval-request")],
    "start repeated": [_M1, _text_of("start"), _M1, _text_of("delta")],
    "start repeated without id": [_M1, _text_of("start"), {"type": "start"}, _text_of("delta")],
    "start with another id": [_M1, _text_of("start"), _M2, _text_of("delta")],
    "start with another id drops tool calls": [_M1, _call("tool-input-available"), _M2, _call("tool-output-available")],
    "start with another id drops tool inputs": [_M1, _call("tool-input-start"), _M2, _call("tool-input-delta")],
    "first start with id drops what came before": [_text_of("start"), _M1, _text_of("delta")],
    "first start with empty id drops nothing": [
        _text_of("start"),
        {"type": "start", "messageId": ""},
        _text_of("delta"),
    ],
    "back to the first id": [_M1, _text_of("start"), _M2, _M1, _text_of("delta")],
    "start with another id, part opened again": [_M1, _text_of("start"), _M2, _text_of("start"), _text_of("delta")],
    "data chunks need nothing": [EXAMPLES["data-*"].full, EXAMPLES["data-*"].least, EXAMPLES["data-*"].full],
    "data with a type like a tool's": [
        {"type": "data-tool", "data": 1, "toolCallId": "c"},
        _call("tool-output-denied"),
    ],
    "metadata: objects merge": [_metadata({"a": {"b": 1}}), _metadata({"a": {"c": 1}}), _metadata({"a": 1})],
    "metadata: object into string": [_metadata("x"), _metadata({"a": 1})],
    "metadata: object into number": [_metadata(1), _metadata({"a": 1})],
    "metadata: object into false": [_metadata(False), _metadata({"a": 1})],
    "metadata: object into empty string": [_metadata(""), _metadata({"a": 1})],
    "metadata: empty object into string": [_metadata("x"), _metadata({}), _metadata({"a": 1})],
    "metadata: string into string": [_metadata("x"), _metadata("y")],
    "metadata: empty string into string": [_metadata("x"), _metadata(""), _metadata("y")],
    "metadata: number into string": [_metadata("x"), _metadata(5), _metadata({"a": 1})],
    "metadata: array into string": [_metadata("x"), _metadata([1])],
    "metadata: empty array into string": [_metadata("x"), _metadata([])],
    "metadata: object into array": [_metadata([1]), _metadata({"a": 1}), _metadata([2])],
    "metadata: string into object": [_metadata({"a": 1}), _metadata("xy"), _metadata({"0": {"b": 1}})],
    "metadata: null changes nothing": [_metadata("x"), _metadata(None), _metadata({"a": 1})],
    "metadata: keys that are not merged": [_metadata("x"), _metadata({"constructor": 1, "prototype": 2})],
    "metadata: of start and finish": [_metadata("x", "start"), _metadata({"a": 1}, "finish")],
    "metadata: start with another id forgets it": [_metadata("x"), {**_M1, **_metadata({"a": 1}, "start")}],
}
