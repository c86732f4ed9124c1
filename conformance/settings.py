"""The options of a run, from the command line or the environment, checked before anything is sent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from conformance.guards import guard
from conformance.journeys.limits import Limits
from conformance.options import (
    ALLOW_HTTP,
    ALLOW_PRODUCTION,
    DRY_RUN,
    FUZZ_EXAMPLES,
    FUZZ_SECONDS,
    FUZZ_TURNS_MOCK,
    GATE,
    OPTIONS,
    READ_ONLY,
    Option,
)
from conformance.outcomes import BadInput
from conformance.requirements import Level, catalogue
from conformance.spec_files import SpecDamaged, openapi_document
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, Target, parse_base_url, parse_key
from conformance.waivers import KNOWN_BEFORE, Judged, before_the_run, read_waivers, today, waived_rules

FUZZ_SEED = 20261123
TURN_SECONDS = 5.0
"""What ``--dry-run`` takes a turn to last."""
RUN_TURNS = 20
"""A run may take as long as so many turns at their time limit, where that is longer than its default."""


@dataclass(frozen=True)
class Settings:
    """``target`` None: the embedded mock is to be started, and is the target."""

    target: Target | None
    level: Level
    gate: bool
    limits: Limits
    fuzz_examples: int
    fuzz_turns: int
    fuzz_seconds: float
    fuzz_corpus: Path | None
    replay: Path | None
    report_dir: Path
    dry_run: bool = False
    turn_seconds: float = TURN_SECONDS
    waivers: tuple[Judged, ...] = ()
    """Each with what is known of it before the run."""

    @property
    def waived(self) -> frozenset[str]:
        """The requirements that are waived whole."""
        return waived_rules(self.waivers)

    @property
    def history_turns(self) -> int:
        """FUZZ-02's share of the turns; the rest is FUZZ-01's. They may run in two processes, so none borrows."""
        return self.fuzz_turns // 2


def read_settings(
    option: Callable[[str], str | None],
    base_url: str | None,
    gate: bool,
    environ: Mapping[str, str],
    flags: Collection[str] = (),
) -> Settings:
    """Check everything that can be checked without a request.

    ``option`` gives the value of a command line option by destination, or None. ``flags``: the names of the options
    without a value that were given.

    :raises BadInput: the first thing that cannot be used.
    """
    try:
        catalogue()
        openapi_document()
    except SpecDamaged as damage:
        raise BadInput(str(damage)) from None
    given = {o.name: _given(o, option, environ) for o in OPTIONS}
    replay = Path(given["replay"]) if given["replay"] else None
    address = base_url or environ.get("NEO_BASE_URL") or environ.get("PYTEST_BASE_URL") or None
    dry_run = _flag(DRY_RUN, flags, environ)
    target = None if replay is not None else _target(address, given["agent-id"], environ, keyless=dry_run)
    if target is not None and not dry_run:
        production, http = (_flag(one, flags, environ) for one in (ALLOW_PRODUCTION, ALLOW_HTTP))
        guard(target, allow_production=production, allow_http=http)
    max_turns = _whole(given["max-turns"], "--max-turns", least=1)
    timeout = _seconds(given["turn-timeout"], "--turn-timeout")
    plain = Limits()
    fuzz_seconds = _seconds(given["fuzz-seconds"], "--fuzz-seconds") or FUZZ_SECONDS
    gate = gate or _truthy(environ.get(GATE.variable))
    return Settings(
        target=target,
        level=_level(given["level"]),
        gate=gate,
        limits=Limits(
            turn_timeout=timeout or plain.turn_timeout,
            max_turns=max_turns or plain.max_turns,
            count_doubtful_turns=max_turns is not None,
            connect_timeout=_seconds(given["connect-timeout"], "--connect-timeout") or plain.connect_timeout,
            run_seconds=_seconds(given["run-timeout"], "--run-timeout")
            or max(plain.run_seconds, RUN_TURNS * (timeout or plain.turn_timeout)),
            read_only=_flag(READ_ONLY, flags, environ),
        ),
        fuzz_examples=_whole(given["fuzz-examples"], "--fuzz-examples", least=1) or FUZZ_EXAMPLES,
        fuzz_turns=_fuzz_turns(given["fuzz-turns"], fuzz_seconds, on_the_mock=target is None),
        fuzz_seconds=fuzz_seconds,
        fuzz_corpus=Path(given["fuzz-corpus"]) if given["fuzz-corpus"] else None,
        replay=replay,
        report_dir=Path(given["report-dir"] or "reports")
        if dry_run
        else report_folder(given["report-dir"] or "reports"),
        dry_run=dry_run,
        turn_seconds=_seconds(given["turn-seconds"], "--turn-seconds") or TURN_SECONDS,
        waivers=read_judged_waivers(given["waivers"], gate=gate),
    )


def read_judged_waivers(text: str | None, *, gate: bool) -> tuple[Judged, ...]:
    """The waivers of ``--waivers``, and what is known of them before the run.

    :raises BadInput: the file cannot be used; or, for a gate, a waiver in it is expired or for an unknown id.
    """
    if text is None:
        return ()
    judged = before_the_run(read_waivers(Path(text)), catalogue(), today())
    wrong = [one.line for one in judged if one.state in KNOWN_BEFORE]
    if gate and wrong:
        raise BadInput(f"--waivers {Path(text).name}: {'; '.join(wrong)[:1000]}")
    return judged


def _given(option: Option, get: Callable[[str], str | None], environ: Mapping[str, str]) -> str | None:
    value = get(option.destination)
    return value if value is not None else (environ.get(option.variable) or None)


def _flag(flag: Option, given: Collection[str], environ: Mapping[str, str]) -> bool:
    return flag.name in given or _truthy(environ.get(flag.variable))


def _target(
    address: str | None, agent_id: str | None, environ: Mapping[str, str], *, keyless: bool = False
) -> Target | None:
    """``keyless``: the key need not be there, for nothing is sent."""
    agent = _whole(agent_id, "--agent-id", least=0)
    if address is None:
        return None
    other = environ.get(OTHER_KEY_VARIABLE)
    return Target(
        base_url=parse_base_url(address),
        api_key=parse_key(environ.get(KEY_VARIABLE, "none" if keyless else None), KEY_VARIABLE),
        other_key=None if other is None else parse_key(other, OTHER_KEY_VARIABLE),
        agent_id=agent,
    )


def _level(text: str | None) -> Level:
    levels: Mapping[str, Literal["MUST", "SHOULD"]] = {"must": "MUST", "should": "SHOULD"}
    level = levels.get((text or "must").lower())
    if level is None:
        raise BadInput(f"--level {text!r}: must or should")
    return level


def _fuzz_turns(text: str | None, seconds: float, *, on_the_mock: bool) -> int:
    """On the mock, where a turn costs nothing, more of them for a longer time."""
    given = _whole(text, "--fuzz-turns", least=0)
    if given is not None:
        return given
    return round(FUZZ_TURNS_MOCK * max(1.0, seconds / FUZZ_SECONDS)) if on_the_mock else 0


def _whole(text: str | None, name: str, *, least: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18) or int(text) < least:
        raise BadInput(f"{name} {text!r}: a whole number of {least} or more")
    return int(text)


def _seconds(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise BadInput(f"{name} {text!r}: a number of seconds, more than 0 and at most 86400")
    return value


def report_folder(text: str) -> Path:
    """The folder, made if need be, and seen to be writable: a run must not find out at its end."""
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise BadInput(f"--report-dir {text}: cannot be written ({error.strerror or error})") from None
    if not os.access(path, os.W_OK):
        raise BadInput(f"--report-dir {text}: cannot be written (permission denied)")
    return path


def _truthy(text: str | None) -> bool:
    return (text or "").strip().lower() in {"1", "true", "yes", "on"}
