"""How the tests change a place of a value, and hold a refusal to its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.attestation.keys import SSlibKey
from conformance.attestation.refusals import Refused
from conformance.outcomes import BadInput
from tests.attestation.attested import SIGNER, Attested


def refused(one: Attested, *, again: bool = False, key: SSlibKey = SIGNER.public_key) -> int:
    """The exit code with which it is refused; its line is one, printable and short."""
    with pytest.raises((BadInput, Refused)) as caught:
        one.checked(again=again, key=key)
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) <= 400
    problem = caught.value
    assert isinstance(problem, BadInput | Refused)
    return problem.exit_code


def put(*path: str | int, value: Any) -> Callable[[Any], None]:
    """Put ``value`` at that place."""

    def change(whole: Any) -> None:
        for step in path[:-1]:
            whole = whole[step]
        whole[path[-1]] = value

    return change


def take(*path: str | int) -> Callable[[Any], None]:
    """Take away what stands at that place."""

    def change(whole: Any) -> None:
        for step in path[:-1]:
            whole = whole[step]
        del whole[path[-1]]

    return change
