"""Runs a soak: in this process, as the master of local or remote workers, or as one of those workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import gevent
from gevent.event import Event
from locust import argument_parser
from locust.env import Environment
from locust.runners import MasterRunner

from conformance.load.master import SoakMaster
from conformance.load.settings import SoakSettings
from conformance.load.stage import DRAIN_SECONDS
from conformance.load.users import ChatUser
from conformance.load.wiring import OPTION, wire
from conformance.outcomes import OurMistake

CONNECT_SECONDS: Final = 120.0
"""How long the master waits for its workers."""
END_SECONDS: Final = 4.0
INTERRUPTED_GRACE: Final = 5.0
"""How long sessions may go on after Ctrl+C; a second one ends at once."""


@dataclass(frozen=True)
class Fleet:
    """Where a soak is played. ``processes`` on this machine; ``remote``: so many workers of other machines instead, which
    connect to ``bind`` ``port``. ``web_port``: of Locust's own page, None: none."""

    processes: int = 1
    remote: int = 0
    bind: str = "127.0.0.1"
    port: int = 0
    web_port: int | None = None

    @property
    def workers(self) -> int:
        return self.remote or (self.processes if self.processes > 1 else 0)


@dataclass(frozen=True)
class Soaked:
    master: SoakMaster
    seconds: float
    interrupted: bool
    lost: Sequence[Mapping[str, Any]]
    """The workers that did not come to their end (``SoakMaster.lost``)."""


def soak(settings: SoakSettings, fleet: Fleet, environ: Mapping[str, str], tell: Callable[[str], None]) -> Soaked:
    """Play for the time that was asked for, and wait until all of it is judged.

    ``environ``: of the local workers, with the keys. ``tell`` takes lines for the user.

    :raises OurMistake: no worker came.
    """
    environment = _environment(settings)
    master = SoakMaster(settings)
    port = fleet.port or free_port(fleet.bind)
    if fleet.workers:
        environment.create_master_runner(fleet.bind, port)
    else:
        environment.create_local_runner()
    wire(environment, master)
    if fleet.web_port is not None:
        environment.create_web_ui("127.0.0.1", fleet.web_port)
        tell(f"Locust's page: http://127.0.0.1:{fleet.web_port}")
    processes = [_start_worker(port, environ) for _ in range(fleet.workers if not fleet.remote else 0)]
    interrupts = _Interrupts()
    try:
        began = time.monotonic()
        _wait_for_workers(environment, fleet.workers, processes, interrupts)
        runner: Any = environment.runner
        runner.start(settings.users, settings.spawn_rate)
        began = time.monotonic()
        _until_over(runner, settings, processes, interrupts)
        if interrupts.event.is_set():
            environment.stop_timeout = INTERRUPTED_GRACE
        _stop(runner, master, processes, settings)
        seconds = time.monotonic() - began
        lost = master.lost()
    finally:
        _end(processes)
        interrupts.undo()
        if environment.web_ui is not None:
            _stop_page(environment.web_ui)
        with suppress(Exception):
            environment.runner.greenlet.kill(block=False)  # type: ignore[union-attr]
    return Soaked(master, seconds, interrupts.event.is_set(), lost)


def work(host: str, port: int, *, until_stdin_closes: bool) -> int:
    """Be a worker until the soak is over; the exit code."""
    if until_stdin_closes:
        _end_with_stdin()
    environment = _environment(None)
    try:
        environment.create_worker_runner(host, port)
    except ConnectionError:
        raise OurMistake(f"no master answers at {host} port {port}") from None
    wire(environment, None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        while not _is_over(environment) and environment.process_exit_code is None:
            gevent.sleep(0.2)
    except KeyboardInterrupt:
        return 130
    gevent.sleep(1.0)  # what was told last has to leave
    return environment.process_exit_code or 0


def _is_over(environment: Environment) -> bool:
    worker = getattr(environment, "neo_worker", None)
    return worker is not None and worker.over.is_set()


def _environment(settings: SoakSettings | None) -> Environment:
    locusts: Any = argument_parser
    parser = locusts.get_empty_argument_parser()
    locusts.setup_parser_arguments(parser)
    options = parser.parse_args(args=[])
    # A worker that is lost leaves its users to the others.
    options.enable_rebalancing = True
    if settings is not None:
        setattr(options, OPTION, settings.to_json())
    return Environment(
        user_classes=[ChatUser],
        host=settings.base_url if settings else None,
        parsed_options=options,
        stop_timeout=settings.grace if settings else None,
    )


def _wait_for_workers(
    environment: Environment, count: int, processes: Sequence[subprocess.Popen[bytes]], interrupts: _Interrupts
) -> None:
    """:raises OurMistake: not all of them came in time."""
    deadline = time.monotonic() + CONNECT_SECONDS
    runner = environment.runner
    while isinstance(runner, MasterRunner) and len(runner.clients.ready) < count:
        if time.monotonic() > deadline or interrupts.event.is_set() or any(p.poll() is not None for p in processes):
            raise OurMistake(f"{len(runner.clients.ready)} of {count} workers came")
        gevent.sleep(0.1)


def _until_over(
    runner: Any,
    settings: SoakSettings,
    processes: Sequence[subprocess.Popen[bytes]],
    interrupts: _Interrupts,
) -> None:
    """The time is over, or nobody plays any more, or Ctrl+C."""
    end = time.monotonic() + settings.seconds
    played = False
    while time.monotonic() < end and not interrupts.event.wait(0.2):
        played = played or runner.user_count > 0
        if played and runner.user_count == 0 and runner.state in ("running", "stopped", "stopping"):
            return  # the turns are spent
        if processes and all(process.poll() is not None for process in processes):
            return


def _stop(
    runner: Any, master: SoakMaster, processes: Sequence[subprocess.Popen[bytes]], settings: SoakSettings
) -> None:
    if isinstance(runner, MasterRunner):
        vars(runner.environment.parsed_options)["enable_rebalancing"] = False
    with suppress(gevent.Timeout), gevent.Timeout(settings.grace + DRAIN_SECONDS + 90.0):
        runner.stop()
        while not master.all_final and _may_still_tell(runner, processes):
            gevent.sleep(0.2)


def _may_still_tell(runner: Any, processes: Sequence[subprocess.Popen[bytes]]) -> bool:
    """Whether any worker is left of which a last report may come."""
    if processes:
        return any(process.poll() is None for process in processes)
    return hasattr(runner, "clients") and not all_gone(runner)


def all_gone(runner: Any) -> bool:
    """Whether a master has no worker that still gives a sign of life."""
    return all(client.state == "missing" for client in runner.clients.all)


def _start_worker(port: int, environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "conformance", "soak", "--worker", "--until-stdin-closes"),
            *("--master-host", "127.0.0.1", "--master-port", str(port)),
        ],
        stdin=subprocess.PIPE,
        env=dict(environ),
        # Ctrl+C is for the master, which lets them come to an end.
        start_new_session=True,
    )


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """They end by themselves when all is told; one that does not has its input closed, and is killed if that is not enough."""
    deadline = time.monotonic() + END_SECONDS
    for process in processes:
        assert process.stdin is not None
        if not _ended(process, deadline - time.monotonic()):
            process.stdin.close()
            if not _ended(process, END_SECONDS):
                process.kill()
                process.wait()
        with suppress(OSError):
            process.stdin.close()


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(max(0.1, seconds))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end_with_stdin() -> None:
    """End with the master, whatever ended it."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(3)

    threading.Thread(target=watch, name="stdin", daemon=True).start()


class _Interrupts:
    """Ctrl+C and SIGTERM end the soak in order; the second one of them ends the process."""

    def __init__(self) -> None:
        self.event = Event()
        numbers = (signal.SIGINT, signal.SIGTERM)
        in_main = threading.current_thread() is threading.main_thread()
        self._before = {number: signal.getsignal(number) for number in numbers} if in_main else {}
        for number in self._before:
            signal.signal(number, self._come)

    def _come(self, number: int, frame: Any) -> None:
        del number, frame
        if self.event.is_set():
            raise KeyboardInterrupt
        self.event.set()

    def undo(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)


def _stop_page(page: Any) -> None:
    page.stop()


def free_port(host: str) -> int:
    """A port of that host on which nobody listens now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1" if host == "*" else host, 0))
        return int(one.getsockname()[1])
