"""Failures as they are told: each once, with the shortest request found, one curl line, and no secret in it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

from conformance.fuzz.answers import Finding
from conformance.fuzz.curling import curl_line
from conformance.fuzz.generation import Case
from conformance.fuzz.outcome import FuzzFailure
from conformance.fuzz.reducing import Parts, reduced

FINDINGS_SHOWN = 3
"""Of one operation and one rule."""
_REDUCING_SECONDS = 3.0
"""For one failure."""

Asked = Callable[[Case], list[Finding]]
"""Sends a case as the failing one was sent, and judges what came."""


@dataclass
class Notes:
    """Takes findings. `secrets`: variable name -> value. `reducing_left`: seconds that shortening may still take."""

    seed: int
    secrets: Mapping[str, str]
    reducing_left: float
    stream_seconds: float = 5.0
    failures: list[FuzzFailure] = field(default_factory=list)
    _noted: set[tuple[str, ...]] = field(default_factory=set)
    _shown: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(
        self,
        operation: str,
        case: Case,
        findings: list[Finding],
        api_key: str,
        again: Asked | None = None,
    ) -> None:
        """Note the findings on one case that was sent with `api_key`.

        `again` sends a smaller case in its place: None where another request could not show the same.
        """
        for finding in findings:
            subject = (operation, finding.rule)
            mark = (*subject, finding.expected, finding.kind)
            if mark in self._noted or self._shown[subject] >= FINDINGS_SHOWN:
                continue
            self._noted.add(mark)
            self._shown[subject] += 1
            shortest, shown = self._shortest(case, finding, again) if again is not None else (case, finding)
            self.failures.append(
                FuzzFailure(
                    operation=operation,
                    rule=finding.rule,
                    expected=self.redacted(shown.expected),
                    came=self.redacted(shown.came),
                    curl=self._curl(operation, shortest, api_key),
                    seed=self.seed,
                )
            )

    def redacted(self, text: str) -> str:
        """The text without any key."""
        for variable, secret in self.secrets.items():
            text = text.replace(secret, f"${variable}") if secret else text
        return text

    def _shortest(self, case: Case, finding: Finding, again: Asked) -> tuple[Case, Finding]:
        began = time.monotonic()
        until = began + min(_REDUCING_SECONDS, self.reducing_left)
        best: tuple[Case, Finding] = (case, finding)

        def fails(parts: Parts) -> bool:
            nonlocal best
            if time.monotonic() >= until:
                return False
            smaller = with_parts(case, parts)
            same = [one for one in again(smaller) if one.rule == finding.rule and one.status == finding.status]
            if same:
                best = (smaller, same[0])
            return bool(same)

        reduced(Parts(dict(case.query), dict(case.headers), case.body), fails)
        self.reducing_left = max(0.0, self.reducing_left - (time.monotonic() - began))
        return best

    def _curl(self, operation: str, case: Case, api_key: str) -> str:
        request = prepared(case, api_key)
        tail = self.stream_seconds if operation == "tailEvents" else 0.0
        return curl_line(request, self.secrets, stream_seconds=tail)


def with_parts(case: Case, parts: Parts) -> Case:
    """The same operation on the same session, with these parts in place of the case's own."""
    smaller: Case = case.operation.Case(
        path_parameters=dict(case.path_parameters),
        query=dict(parts.query),
        headers=dict(parts.headers),
        body=parts.body,
        media_type=case.media_type,
    )
    return smaller


def prepared(case: Case, api_key: str) -> requests.PreparedRequest:
    """The request that `requests` puts on the wire for this case."""
    kwargs = case.as_transport_kwargs(base_url=case.operation.base_url)
    kwargs = {name: value for name, value in kwargs.items() if name in _REQUEST_ARGUMENTS}
    request = requests.Request(**kwargs).prepare()
    if api_key:
        request.headers["Authorization"] = f"Bearer {api_key}"
    return request


_REQUEST_ARGUMENTS = frozenset({"method", "url", "headers", "files", "data", "params", "auth", "cookies", "json"})
