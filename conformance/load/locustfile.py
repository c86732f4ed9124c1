"""For people who run Locust themselves: ``LOCUST_SKIP_MONKEY_PATCH=1 locust -f …/conformance/load/locustfile.py -H URL``.

``python -c 'import conformance.load.locustfile as f; print(f.__file__)'`` says where it lies. Users, spawn rate, time, masters,
workers and the web page are Locust's own options; what is the suite's begins with ``--neo-``. The keys come from ``NEO_API_KEY``
and ``NEO_OTHER_API_KEY`` on each machine that plays. At the end of the test the report is written by the master.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import click
import gevent
from gevent import monkey
from locust import events
from locust.runners import MasterRunner, WorkerRunner

from conformance.load.command import redactor, written
from conformance.load.master import SoakMaster
from conformance.load.profiles import PROFILES
from conformance.load.running import Fleet, Soaked, all_gone
from conformance.load.section import lines, soak_report
from conformance.load.settings import TURN_TIMEOUT, SoakSettings
from conformance.load.stage import DRAIN_SECONDS
from conformance.load.unpatched import require_unpatched
from conformance.load.users import ChatUser
from conformance.load.wiring import OPTION, wire
from conformance.outcomes import EXIT_BAD_INPUT, BadInput
from conformance.settings import report_folder
from conformance.verdict import exit_code

__all__ = ["ChatUser"]

STOP_TIMEOUT = TURN_TIMEOUT + 30.0


def _options(parser: Any) -> None:
    group = parser.add_argument_group("Neo Public API conformance")
    group.add_argument("--neo-profile", default="steady", choices=list(PROFILES), help="what sessions do")
    group.add_argument("--neo-max-turns", type=int, default=None, help="bound of turns; needed")
    group.add_argument("--neo-agent-id", type=int, default=None, help="the agent to chat with")
    group.add_argument("--neo-think", type=float, default=1.0, help="multiplies all pauses")
    group.add_argument("--neo-seed", type=int, default=1)
    group.add_argument("--neo-turn-timeout", type=float, default=TURN_TIMEOUT, help="seconds that one turn may take")
    group.add_argument("--neo-report-dir", default="reports")
    group.add_argument("--neo-allow-production", action="store_true")
    group.add_argument("--neo-allow-http", action="store_true")


def _wire(environment: Any, **_: Any) -> None:
    try:
        require_unpatched()
        if isinstance(environment.runner, WorkerRunner):
            wire(environment, None)
            environment.events.test_stop.add_listener(_leave)
        else:
            _sum_up(environment)
    except BadInput as bad:
        sys.stderr.write(f"neo-conformance: {bad}\n")
        sys.exit(EXIT_BAD_INPUT)


def _leave(environment: Any, **_: Any) -> None:
    """A worker of a master without a page has told all: Locust would let it wait for that master, which is gone."""
    if getattr(environment.parsed_options, OPTION, {}).get("headless"):
        gevent.spawn_later(1.0, environment.runner.greenlet.kill, block=False)


def _sum_up(environment: Any) -> None:
    """:raises BadInput: the options cannot be used."""
    settings = _settings(environment)
    settings.target(os.environ)
    folder = report_folder(environment.parsed_options.neo_report_dir)
    options = environment.parsed_options
    setattr(options, OPTION, {**settings.to_json(), "headless": bool(options.headless)})
    environment.stop_timeout = environment.stop_timeout or STOP_TIMEOUT
    master = SoakMaster(settings)
    wire(environment, master)
    began = time.monotonic()

    def report(environment: Any, **_: Any) -> None:
        soaked = Soaked(master, time.monotonic() - began, interrupted=False, lost=master.lost())
        word, value = soak_report(settings, Fleet(processes=max(1, len(master.workers))), soaked)
        value = redactor(dict(os.environ)).value(value)
        path = written(value, folder)
        for line in [*lines(value), f"  {path}"]:
            click.echo(line)
        environment.process_exit_code = exit_code(word, gate=False)

    environment.events.test_stopping.add_listener(lambda **_: _tell_workers(environment, master))
    # Locust takes the exit code behind this event, and has the last reports of its workers then.
    environment.events.quitting.add_listener(report)


def _settings(environment: Any) -> SoakSettings:
    """:raises BadInput: no host, or no bound of turns."""
    options = environment.parsed_options
    if not environment.host:
        raise BadInput("-H URL is needed: the target")
    if options.neo_max_turns is None:
        raise BadInput("--neo-max-turns N is needed: every turn may cost money")
    return SoakSettings(
        base_url=environment.host,
        users=options.num_users or 1,
        spawn_rate=options.spawn_rate or 1.0,
        seconds=float(options.run_time or 600),
        profile=options.neo_profile,
        seed=options.neo_seed,
        agent_id=options.neo_agent_id,
        max_turns=options.neo_max_turns,
        turn_timeout=options.neo_turn_timeout,
        think=options.neo_think,
        allow_production=options.neo_allow_production,
        allow_http=options.neo_allow_http,
        started=time.time(),
    )


def _tell_workers(environment: Any, master: SoakMaster) -> None:
    """Stop the workers and wait for their last reports: Locust itself would leave half a second after telling them to quit."""
    runner = environment.runner
    if not isinstance(runner, MasterRunner):
        return
    for client in runner.clients.all:
        runner.send_message("stop", None, client.id)
    deadline = time.monotonic() + environment.stop_timeout + DRAIN_SECONDS
    while not master.all_final and not all_gone(runner) and time.monotonic() < deadline:
        gevent.sleep(0.2)


# Two of gevent's patches Locust's own program cannot do without: its master sleeps while workers connect, and
# `locust --processes` forks. Neither has to do with sockets or threads.
monkey.patch_time()
os.register_at_fork(after_in_child=gevent.reinit)

_hooks: Any = events
_hooks.init_command_line_parser.add_listener(_options)
_hooks.init.add_listener(_wire)
