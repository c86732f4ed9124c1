"""Cases for one operation, by three of schemathesis' phases: the document's examples, boundary coverage, and fuzzing.

All of a run's cases are drawn before the first one is sent. The target's answers then have no influence on what is
generated, a seed means the same requests every time, and what is sent, when, and within which budget is decided by us
and not by Hypothesis. So a failure is shrunk by us, too (reducing.py).

Its fourth phase, the state machine of the document's links, was tried and is not used; what was drawn is chained by us
instead (dressing.py). Of 546 requests that it made on the reference server (60 scenarios of 10 steps, 4.32.5) 168 went
to invented sessions, since every POST with a link counts as a beginning; 57 sessions were left behind; 3 tails had a
cursor that was seen; and no attachment had a path that was granted. With a link from the grant to the message, which
would give it one, all went to invented sessions. It has no word for a budget, nor for an id that is repeated on purpose,
and what it draws depends on what the target answers.

This is the only file that uses schemathesis' internals (`create_test`, which its pytest plugin is built on).
"""

from __future__ import annotations

import contextlib
import copy
import math
import random
import time
import unittest
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.result import Err
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test

from conformance.fuzz.extremes import content_types, extreme_bodies, plain_body
from conformance.fuzz.literals import WITH_TEXT, first_bodies, other_bodies, queries
from conformance.spec_files import SpecDamaged, openapi_document

Case: TypeAlias = "schemathesis.Case[Any]"
Operation: TypeAlias = "schemathesis.APIOperation[Any, Any, Any, Any]"

MAX_STREAM_EVENTS = 200
"""Events that are read from one stream; schemathesis then closes it. Its other limit is the request's timeout."""

_PLAIN_SHARE = 0.6
"""How many of the fuzzed bodies are made plain."""
_DECIDED_FIELDS = frozenset(
    {"agent_id", "managed_agent_key", "title"}
    | {"message", "client_message_id", "model_tier"}
    | {"content_type", "filename"}
)

_OVERDRAWN = 1.5
"""Hypothesis returns to a value often, so more are drawn than are wanted."""
_OTHER_LITERALS = 10
_COVERAGE_SECONDS = 1.0
"""By which examples and boundary cases may overdraw the time for drawing."""

How: TypeAlias = Literal["example", "literal", "extreme", "boundary", "generated"]
"""How a case was come by: from the document's examples, from literals.py or extremes.py, by the coverage or fuzzing phase."""

_CONFIG: dict[str, Any] = {
    "max-stream-events": MAX_STREAM_EVENTS,
    # What is masked in a curl line is decided where the line is written.
    "output": {"sanitization": {"enabled": False}},
    # Missing and wrong credentials are AUTH-01's, on each operation; here they would only use up requests.
    "generation": {"with-security-parameters": False},
    # What a server does with other methods (405, Allow, or 404) is on no page.
    "phases": {"coverage": {"unexpected-methods": []}},
}


def operations(base_url: str) -> dict[str, Operation]:
    """The document's operations by operationId, to be sent to `base_url` (which has no `/public-api`).

    The configuration is given, so that no schemathesis.toml in the user's directory is looked for. Raises SpecDamaged.
    """
    config = schemathesis.Config.from_dict({**_CONFIG, "base-url": base_url})
    schema = schemathesis.openapi.from_dict(copy.deepcopy(openapi_document()), config=config)
    found: dict[str, Operation] = {}
    for result in schema.get_all_operations():
        if isinstance(result, Err):
            raise SpecDamaged(f"spec/openapi.yaml: {result.err()}")
        operation = result.ok()
        found[operation.definition.raw["operationId"]] = operation
    return found


@dataclass(frozen=True)
class Drawn:
    """A case as it was drawn, before it is given a session, and how it was come by."""

    case: Case
    how: How


def cases(operation: Operation, *, examples: int, seed: int, until: float, latest: float = math.inf) -> list[Drawn]:
    """The operation's cases, without repetitions: its documented examples and a few literals first, then the others, mixed.

    At most `examples` of them are fuzzed ones. Mixed, so that a run that is cut short has still seen valid and invalid
    requests of every kind. `until`, of time.monotonic(), ends the drawing early: only then does a seed not decide what
    is sent, but how much of it. Examples and boundary cases may take a little longer, but not beyond `latest`.
    """
    chance = random.Random(seed)
    # What has no example is asked for without any parameter first: no other request is as surely valid.
    # These two are few, always the same, and worth more than any that chance makes: a busy machine is waited for.
    later = min(until + _COVERAGE_SECONDS, max(until, latest))
    examples_given = _collect(operation, HypothesisTestMode.EXAMPLES, examples, seed, later)
    if not examples_given and operation.definition.raw["operationId"] not in WITH_TEXT:
        examples_given = [operation.Case()]
    covered = _collect(operation, HypothesisTestMode.COVERAGE, examples, seed, later)
    wanted = round(_OVERDRAWN * examples)
    fuzzed = _without_repetitions(
        _drawn("generated", _collect(operation, HypothesisTestMode.FUZZING, wanted, seed, until))
    )
    for drawn in fuzzed[:examples]:
        if isinstance(drawn.case.body, dict) and chance.random() < _PLAIN_SHARE:
            drawn.case.body = plain(drawn.case.body)
    first, others_of_text = _literal_cases(operation, chance) if examples else ([], [])
    others = _drawn("boundary", covered) + fuzzed[:examples] + _drawn("literal", others_of_text)
    if examples:
        others += _drawn("extreme", _extreme_cases(operation))
    chance.shuffle(others)
    return _without_repetitions(_drawn("example", examples_given) + _drawn("literal", first) + others)


def _drawn(how: How, found: list[Case]) -> list[Drawn]:
    return [Drawn(case, how) for case in found]


def _literal_cases(operation: Operation, chance: random.Random) -> tuple[list[Case], list[Case]]:
    """Those that come first, and those that are mixed with the others."""
    name = operation.definition.raw["operationId"]

    def with_body(body: dict[str, Any]) -> Case:
        return operation.Case(body=body, media_type="application/json")

    first = [with_body(body) for body in first_bodies(name)]
    others = [with_body(body) for body in other_bodies(name, _OTHER_LITERALS, chance)]
    return first, others + [operation.Case(query=query) for query in queries(name)]


def _extreme_cases(operation: Operation) -> list[Case]:
    name = operation.definition.raw["operationId"]
    found = [operation.Case(body=body, media_type="application/json") for body in extreme_bodies(name)]
    return found + [
        operation.Case(body=plain_body(name), media_type="application/json", headers={"Content-Type": content_type})
        for content_type in content_types(name)
    ]


def plain(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what the pages leave open: unnamed fields, made-up attachments, unprintable characters.

    Schemathesis puts something of these into nearly every body, so that nearly nothing would be surely valid.
    """
    return {name: _printable(value) for name, value in body.items() if name in _DECIDED_FIELDS}


def _printable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(character for character in value if character.isprintable())


def _collect(operation: Any, phase: HypothesisTestMode, examples: int, seed: int, until: float) -> list[Case]:
    if examples < 1:
        return []
    drawn: list[Case] = []

    def keep(case: Case) -> None:
        if time.monotonic() >= until:
            raise _TimeIsUp
        drawn.append(case)

    test = create_test(
        operation=operation,
        test_func=keep,
        config=HypothesisTestConfig(
            project=operation.schema.config,
            modes=[phase],
            seed=seed,
            # Hypothesis' own profile for CI would replace the seed by its derandomization.
            apply_ci_profile=False,
            settings=settings(
                max_examples=examples,
                database=None,
                deadline=None,
                derandomize=False,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        ),
    )
    # A skip is Hypothesis' word for a phase that has nothing for this operation, such as one without examples.
    with contextlib.suppress(_TimeIsUp, unittest.SkipTest):
        test()
    return drawn


class _TimeIsUp(Exception):  # noqa: N818 (it is no error)
    """The time for drawing is over. Hypothesis offers no other way to end a test early."""


def _without_repetitions(drawn: list[Drawn]) -> list[Drawn]:
    # The path is left out of the comparison: its only parameter is replaced before a case is sent.
    seen: dict[str, Drawn] = {}
    for one in drawn:
        seen.setdefault(repr((one.case.headers, one.case.query, one.case.body)), one)
    return list(seen.values())
