"""The ``soak`` command."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from conformance.embedded import EmbeddedMock
from conformance.interruption import EXIT_INTERRUPTED
from conformance.load.profiles import PROFILES
from conformance.load.settings import TURN_TIMEOUT, SoakSettings
from conformance.outcomes import EXIT_FAILED, BadInput, OurMistake
from conformance.redaction import Redactor
from conformance.requirements import Level, catalogue
from conformance.settings import read_judged_waivers, report_folder
from conformance.spec_files import SpecDamaged
from conformance.target import KEY_VARIABLE, OTHER_KEY_VARIABLE, altered
from conformance.verdict import exit_code

MISSING = "the soak command needs the extra `load` (pip install 'neo-conformance[load]')"
MOCK_RATE = "1000000/60"
"""A limit as that of the contract would be met in the first seconds, and all that follows would be waiting."""


@click.command("soak")
@click.option("--base-url", default=None, help="The target.  [default: the mock, started for the soak]")
@click.option("--agent-id", type=click.IntRange(0), default=None, help="The agent to chat with.")
@click.option("--users", type=click.IntRange(1, 100_000), default=10, show_default=True, help="Sessions at a time.")
@click.option("--spawn-rate", type=click.FloatRange(0.1, 1000), default=10, show_default=True, help="Users a second.")
@click.option("--seconds", type=click.FloatRange(1, 604_800), default=60, show_default=True, help="How long.")
@click.option("--max-turns", type=click.IntRange(1), default=None, help="Bound of turns; needed with --base-url.")
@click.option("--profile", type=click.Choice(list(PROFILES)), default="steady", show_default=True)
@click.option("--think", type=click.FloatRange(0, 1000), default=1.0, show_default=True, help="Multiplies all pauses.")
@click.option("--processes", type=click.IntRange(1, 256), default=1, show_default=True, help="On this machine.")
@click.option("--master", "remote", type=click.IntRange(1), metavar="N", help="Wait for N workers of other machines.")
@click.option("--master-bind-host", default="*", show_default=True)
@click.option("--worker", is_flag=True, help="Be a worker: what to do comes from the master, the keys from here.")
@click.option("--master-host", default="127.0.0.1", show_default=True)
@click.option("--master-port", type=click.IntRange(0, 65_535), default=5557, show_default=True)
@click.option("--web", "web_port", type=click.IntRange(1, 65_535), metavar="PORT", help="Locust's own page, locally.")
@click.option("--fault", default=None, metavar="NAME", help="Of the mock.")
@click.option("--variant", default="", metavar="A,B", help="Of the mock.")
@click.option("--mock-workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Of the mock.")
@click.option("--redis-url", default=None, help="Of the mock.")
@click.option("--turn-seconds", type=click.FloatRange(0.01, 600), default=1.0, show_default=True, help="Of the mock.")
@click.option("--turn-timeout", type=click.FloatRange(1, 3600), default=TURN_TIMEOUT, show_default=True)
@click.option("--level", type=click.Choice(["must", "should"]), default="must", show_default=True)
@click.option("--gate", is_flag=True, help="Exit 1 also where most sessions went unjudged, or a waiver is not so.")
@click.option("--waivers", default=None, metavar="FILE", help="What is known to be broken, and until when (YAML).")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--report-dir", default="reports", show_default=True)
@click.option("--allow-production", is_flag=True)
@click.option("--allow-http", is_flag=True)
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
def soak(**given: Any) -> None:
    """Play many sessions at once, judge each by the scenarios' rules, and report.

    The keys come from NEO_API_KEY and NEO_OTHER_API_KEY, on each worker from its own environment.
    """
    try:
        from conformance.load import running
    except ModuleNotFoundError as missing:
        raise BadInput(f"{MISSING}: {missing.name} is not installed") from None
    if given["worker"]:
        sys.exit(
            running.work(given["master_host"], given["master_port"], until_stdin_closes=given["until_stdin_closes"])
        )
    sys.exit(_soak(given, running))


def _soak(given: dict[str, Any], running: Any) -> int:
    from conformance.load.section import has_wrong_waivers, lines, soak_report

    folder = report_folder(given["report_dir"])
    waivers = read_judged_waivers(given["waivers"], gate=given["gate"])
    environ = dict(os.environ)
    with ExitStack() as stack:
        settings = _settings(given, environ, stack)
        remote = given["remote"] or 0
        fleet = running.Fleet(
            processes=given["processes"],
            remote=remote,
            bind=given["master_bind_host"] if remote else "127.0.0.1",
            port=given["master_port"] if remote else 0,
            web_port=given["web_port"],
        )
        os.environ.update({name: environ[name] for name in (KEY_VARIABLE, OTHER_KEY_VARIABLE) if name in environ})
        soaked = running.soak(settings, fleet, environ, click.echo)
    word, value = soak_report(settings, fleet, soaked, waivers)
    value = redactor(environ).value(value)
    path = written(value, folder)
    for line in [*lines(value), f"  {path}"]:
        click.echo(line)
    if soaked.interrupted:
        click.echo("interrupted: what was judged until then is reported")
        return EXIT_INTERRUPTED
    sessions = value["soak"]["sessions"]
    if not sessions["judged"]:
        click.echo("not one session could be judged: nothing is known of this target")
        return EXIT_FAILED
    poor = 2 * sessions["judged"] < sessions["begun"]
    # A soak plays a part of what a run plays: that the rest is untested is no reason to refuse it.
    return max(exit_code(word, gate=False), int(given["gate"] and (poor or has_wrong_waivers(value))))


def _settings(given: dict[str, Any], environ: dict[str, str], stack: ExitStack) -> SoakSettings:
    """:raises BadInput: the first thing that cannot be used."""
    try:
        catalogue()
    except SpecDamaged as damage:
        raise BadInput(str(damage)) from None
    base_url = given["base_url"] or environ.get("NEO_BASE_URL")
    embedded = base_url is None
    if not embedded and (given["fault"] or given["variant"] or given["redis_url"]):
        raise BadInput("--fault, --variant and --redis-url are of the mock, which --base-url leaves out")
    if not embedded and given["max_turns"] is None:
        raise BadInput("--max-turns N is needed: every turn of a target that is not the mock may cost money")
    if embedded and given["remote"]:
        raise BadInput("--master needs --base-url: workers of other machines cannot reach a mock of this one")
    level: Level = "SHOULD" if given["level"] == "should" else "MUST"
    chosen = ("users", "spawn_rate", "seconds", "profile", "seed", "agent_id", "max_turns", "turn_timeout", "think")
    allowed = ("allow_production", "allow_http")
    plain = {name: given[name] for name in (*chosen, *allowed)}
    if base_url is not None:
        settings = SoakSettings(base_url=base_url, level=level, started=time.time(), **plain)
        settings.target(environ)
        return settings
    try:
        target = stack.enter_context(EmbeddedMock(*_mock_options(given)))
    except OurMistake as mistake:
        if not (given["fault"] or given["variant"] or given["redis_url"]):
            raise
        raise BadInput(str(mistake)) from None
    environ[KEY_VARIABLE], environ[OTHER_KEY_VARIABLE] = target.api_key, target.other_key or ""
    return SoakSettings(base_url=target.base_url, level=level, embedded=True, started=time.time(), **plain)


def _mock_options(given: dict[str, Any]) -> list[str]:
    options = ["--rate-limit", MOCK_RATE, "--turn-seconds", str(given["turn_seconds"])]
    options += ["--workers", str(given["mock_workers"])]
    for name in ("fault", "variant", "redis_url"):
        if given[name]:
            options += [f"--{name.replace('_', '-')}", given[name]]
    return options


def redactor(environ: dict[str, str]) -> Redactor:
    """For the keys of the environment, and the wrong one that is made of the first."""
    keys = {name: environ.get(name, "") for name in (KEY_VARIABLE, OTHER_KEY_VARIABLE)}
    if keys[KEY_VARIABLE]:
        keys[f"{KEY_VARIABLE}_ALTERED"] = altered(keys[KEY_VARIABLE])
    return Redactor(keys)


def written(value: dict[str, Any], folder: Path) -> Path:
    """Write the report in all its forms; the path of the JSON.

    :raises BadInput: the folder cannot be written.
    """
    from conformance.report import document
    from conformance.report.written import write_forms

    try:
        path = document.write(value, folder)
        for line in write_forms(value, folder, os.environ, None):
            click.echo(line)
    except OSError as error:
        raise BadInput(f"--report-dir: the report cannot be written ({error.strerror})") from None
    return path
