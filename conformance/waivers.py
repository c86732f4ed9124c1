"""Waivers: what is known to be broken, by whom it is borne, and until when.

A waiver that is in force turns the failure of its requirement (or of the one test that it names) into ``waived``, which fails
no run. One that is expired, that is for an unknown id, or that no longer matches any failure says something that is not so:
that is an error under ``--gate``, and a warning otherwise.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import jsonschema_rs
import yaml

from conformance.outcomes import BadInput
from conformance.spec_files import read_spec_json
from conformance.verdict import TestResult

MOST_BYTES: Final = 1_000_000

State = Literal["in force", "expired", "unknown requirement", "matches no failure", "not judged this time"]
WRONG: Final[frozenset[State]] = frozenset({"expired", "unknown requirement", "matches no failure"})
"""The states that ``--gate`` does not pass."""
KNOWN_BEFORE: Final[frozenset[State]] = frozenset({"expired", "unknown requirement"})
"""Those of them that are known before anything is sent."""


@dataclass(frozen=True)
class Waiver:
    """``expires``: the last day (UTC) on which it is in force. ``test``: the end of a test's name, or None for all of them."""

    requirement: str
    reason: str
    owner: str
    expires: datetime.date
    test: str | None = None

    def covers(self, requirement: str, test: str) -> bool:
        """Whether a failure of that requirement, found by that test, is its own."""
        return requirement == self.requirement and (self.test is None or test.endswith(self.test))

    @property
    def words(self) -> str:
        narrowed = f" ({self.test})" if self.test is not None else ""
        return f"{self.requirement}{narrowed}, waived by {self.owner} until {self.expires.isoformat()}: {self.reason}"


@dataclass(frozen=True)
class Judged:
    """A waiver, and what has become of it in this run."""

    waiver: Waiver
    state: State

    @property
    def is_wrong(self) -> bool:
        return self.state in WRONG

    @property
    def line(self) -> str:
        return f"{self.state}: {self.waiver.words}"

    def to_json(self) -> dict[str, Any]:
        one = self.waiver
        return {
            "requirement": one.requirement,
            "test": one.test,
            "reason": one.reason,
            "owner": one.owner,
            "expires": one.expires.isoformat(),
            "state": self.state,
        }


def read_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a YAML file (spec/waivers.schema.json).

    :raises BadInput: it cannot be read, or is not of that form.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"--waivers {path.name}: cannot be read ({error.strerror or error})") from None
    if len(content) > MOST_BYTES:
        raise BadInput(f"--waivers {path.name}: larger than any list of waivers ({MOST_BYTES} bytes)")
    try:
        value = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadInput(f"--waivers {path.name}: no YAML ({' '.join(str(error).split())[:200]})") from None
    return _checked(value, path.name)


def _checked(value: Any, name: str) -> tuple[Waiver, ...]:
    listed = value.get("waivers") if isinstance(value, dict) else None
    for one in listed if isinstance(listed, list) else ():
        # YAML makes a date of what looks like one; JSON Schema knows text.
        if isinstance(one, dict) and type(one.get("expires")) is datetime.date:
            one["expires"] = one["expires"].isoformat()
    try:
        jsonschema_rs.validator_for(read_spec_json("waivers.schema.json")).validate(value)
    except jsonschema_rs.ValidationError as error:
        where = "/".join(map(str, error.instance_path)) or "the file"
        raise BadInput(f"--waivers {name}: {where}: {' '.join(error.message.split())[:200]}") from None
    except ValueError:
        raise BadInput(f"--waivers {name}: it has something in it that JSON does not have") from None
    try:
        return tuple(
            Waiver(
                one["requirement"],
                one["reason"],
                one["owner"],
                datetime.date.fromisoformat(one["expires"]),
                one.get("test"),
            )
            for one in value["waivers"]
        )
    except ValueError:
        raise BadInput(f"--waivers {name}: an `expires` that is no day of the calendar") from None


def today() -> datetime.date:
    return datetime.datetime.now(datetime.timezone.utc).date()


def before_the_run(waivers: Iterable[Waiver], known: Iterable[str], day: datetime.date) -> tuple[Judged, ...]:
    """Each with what is known of it before anything was judged: ``in force``, where nothing speaks against it."""
    ids = frozenset(known)
    return tuple(
        Judged(
            one, "unknown requirement" if one.requirement not in ids else "expired" if one.expires < day else "in force"
        )
        for one in waivers
    )


def covering(waivers: Iterable[Judged], requirement: str, test: str) -> Waiver | None:
    """The first waiver in force that covers such a failure."""
    held = (one.waiver for one in waivers if one.state == "in force")
    return next((one for one in held if one.covers(requirement, test)), None)


def waived_rules(waivers: Iterable[Judged]) -> frozenset[str]:
    """The requirements that are waived whole: what fuzzing finds of them is no news, whichever of its tests finds it."""
    return frozenset(one.waiver.requirement for one in waivers if one.state == "in force" and one.waiver.test is None)


def apply(
    results: Iterable[TestResult], waivers: Sequence[Judged]
) -> tuple[tuple[TestResult, ...], tuple[Judged, ...]]:
    """The results with the waived failures marked, and each waiver with its last state.

    A test may serve several requirements of which one is waived: its result is then one for each of them. A waiver of
    which every test was judged, and none failed, *matches no failure*; where one could not be judged, nothing is said.
    """
    separate = [replace(result, ids=(one,)) for result in results for one in result.ids]
    found: list[TestResult] = []
    for result in separate:
        waiver = covering(waivers, result.ids[0], result.test) if result.outcome == "failed" else None
        reason = f"waived by {waiver.owner} until {waiver.expires}: {waiver.reason}; " if waiver else ""
        found.append(
            replace(result, outcome="waived", reason=f"{reason}broken: {result.reason}")
            if waiver is not None
            else result
        )
    return tuple(found), tuple(_last_state(one, separate) for one in waivers)


def _last_state(judged: Judged, results: Sequence[TestResult]) -> Judged:
    if judged.state != "in force":
        return judged
    own = [result for result in results if judged.waiver.covers(result.ids[0], result.test)]
    if any(result.outcome == "failed" for result in own):
        return judged
    if own and all(result.outcome == "passed" for result in own):
        return replace(judged, state="matches no failure")
    if not own and judged.waiver.test is not None and any(r.ids[0] == judged.waiver.requirement for r in results):
        return replace(judged, state="matches no failure")
    return replace(judged, state="not judged this time")


def to_json(waivers: Iterable[Judged]) -> list[Mapping[str, Any]]:
    """As the report has them."""
    return [one.to_json() for one in waivers]
