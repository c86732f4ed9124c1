"""The verdict in one sentence, with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def sentence(report: Mapping[str, Any]) -> str:
    """What the run found, for someone who reads no further."""
    must, should = report["counts"]["MUST"], report["counts"]["SHOULD"]
    all_must, all_should = sum(must.values()), sum(should.values())
    if report["verdict"] == "nonconformant":
        head = (
            f"Nonconformant: {must['failed']} of {all_must} MUST and {should['failed']} of {all_should} SHOULD "
            "requirements are broken"
        )
    elif report["verdict"] == "incomplete":
        head = (
            f"Incomplete: nothing that counts is broken, but {must['untested']} of {all_must} MUST requirements "
            f"{_were(must['untested'])} not tested"
        )
    else:
        head = f"Conformant: {must['passed']} of {all_must} MUST requirements are kept on evidence and none is broken"
        if should["failed"]:
            head += f"; as a warning, {should['failed']} of {all_should} SHOULD {_are(should['failed'])} broken"
    rest = [
        f"{count} {_were(count)} {word}"
        for word, count in (
            ("waived", must["waived"] + should["waived"]),
            ("untested", must["untested"] + should["untested"]),
            ("unobservable on this target", must["unobservable"] + should["unobservable"]),
        )
        if count
    ]
    return f"{head}. Of all {all_must + all_should}, {must['passed'] + should['passed']} passed" + (
        f", {', '.join(rest)}." if rest else "."
    )


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
