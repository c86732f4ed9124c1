"""Cases for one operation, by schemathesis' three phases: the document's examples, boundary coverage, and fuzzing.

All of a run's cases are drawn before the first one is sent. The target's answers then have no influence on what is
generated, a seed means the same requests every time, and what is sent, when, and within which budget is decided by us
and not by Hypothesis. The price is that a failure is not shrunk; the coverage phase makes up for it, whose cases each
differ from a plain request in one place.

This is the only file that uses schemathesis' internals (`create_test`, which its pytest plugin is built on).
"""

from __future__ import annotations

import contextlib
import copy
import random
import time
import unittest
from typing import Any, TypeAlias

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.result import Err
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test

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

_WORDS = ("0", "null", "false", "undefined", "2026")
_BODIES_OF_WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "createSession": ("title", {"managed_agent_key": "NEO_SUPPORT"}),
    "appendMessage": ("message", {}),
    "requestUploadUrl": ("filename", {"content_type": "image/png"}),
}

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


def cases(operation: Operation, *, examples: int, seed: int, until: float) -> list[Case]:
    """The operation's cases, without repetitions: its documented examples and the words first, then the others, mixed.

    At most `examples` of them are fuzzed ones. Mixed, so that a run that is cut short has still seen valid and invalid
    requests of every kind. `until`, of time.monotonic(), ends the drawing early: only then does a seed not decide what
    is sent, but how much of it.
    """
    chance = random.Random(seed)
    # What has no example is asked for without any parameter first: no other request is as surely valid.
    documented = _collect(operation, HypothesisTestMode.EXAMPLES, examples, seed, until) or [operation.Case()]
    documented += _with_words(operation) if examples else []
    covered = _collect(operation, HypothesisTestMode.COVERAGE, examples, seed, until)
    # Hypothesis returns to a value often, so more are drawn than are wanted.
    fuzzed = _without_repetitions(_collect(operation, HypothesisTestMode.FUZZING, 2 * examples, seed, until))[:examples]
    for case in fuzzed:
        if isinstance(case.body, dict) and chance.random() < _PLAIN_SHARE:
            case.body = plain(case.body)
    others = covered + fuzzed
    chance.shuffle(others)
    return _without_repetitions(documented + others)


def _with_words(operation: Operation) -> list[Case]:
    """Valid requests whose text is a word that programs take for something else; none is often drawn by chance."""
    body = _BODIES_OF_WORDS.get(operation.definition.raw["operationId"])
    if body is None:
        return []
    field, others = body
    return [operation.Case(body={**others, field: word}, media_type="application/json") for word in _WORDS]


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


def _without_repetitions(drawn: list[Case]) -> list[Case]:
    # The path is left out of the comparison: its only parameter is replaced before a case is sent.
    seen: dict[str, Case] = {}
    for case in drawn:
        seen.setdefault(repr((case.headers, case.query, case.body)), case)
    return list(seen.values())
