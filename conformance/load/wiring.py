"""Ties a soak to a Locust environment: who starts a worker, and which messages go between it and the master."""

from __future__ import annotations

import sys
from typing import Any

from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from conformance.load.master import SoakMaster
from conformance.load.settings import SoakSettings
from conformance.load.worker import GRANTED, REPORT, WANTED, SoakWorker, answer
from conformance.outcomes import BadInput

OPTION = "neo_soak"
"""Of ``environment.parsed_options``: Locust sends them to each worker with its first users."""


def settings_of(environment: Environment) -> SoakSettings:
    """What the soak is to do, as the master has said."""
    return SoakSettings.from_json(getattr(environment.parsed_options, OPTION))


def wire(environment: Environment, master: SoakMaster | None) -> None:
    """Add the listeners. ``master`` in the process that sums up: a master's, or the only one of a run without workers."""
    events, runner = environment.events, environment.runner
    assert runner is not None
    if master is not None:
        _wire_master(environment, master)
    if isinstance(runner, MasterRunner):
        return
    runner.register_message(GRANTED, lambda environment, msg, **_: environment.neo_worker.granted(msg.data["turns"]))

    def begin(environment: Any, **_: Any) -> None:
        try:
            environment.neo_worker = SoakWorker(settings_of(environment), runner)
        except BadInput as bad:
            # Without users nothing happens; a worker that cannot play must not look like one that found nothing.
            sys.stderr.write(f"neo-conformance: {bad}\n")
            environment.process_exit_code = 2
            runner.quit()
            raise
        environment.neo_worker.start()

    def end(environment: Any, **_: Any) -> None:
        worker = getattr(environment, "neo_worker", None)
        if worker is not None:
            worker.finish()

    def stopping(environment: Any, **_: Any) -> None:
        worker = getattr(environment, "neo_worker", None)
        if worker is not None:
            worker.stage.wind_down()
        # Locust reads no message of the master while a worker stops, the signs of life included, and would give the master up.
        if isinstance(runner, WorkerRunner):
            runner.last_heartbeat_timestamp = None

    _listen(events.test_start, begin)
    _listen(events.test_stopping, stopping)
    _listen(events.test_stop, end)


def _wire_master(environment: Environment, master: SoakMaster) -> None:
    runner = environment.runner
    assert runner is not None

    def connected(client_id: str, **_: Any) -> None:
        master.connected(client_id)

    def reported(environment: Any, msg: Any, **_: Any) -> None:
        del environment
        master.report(msg.node_id, msg.data)

    def wanted(environment: Any, msg: Any, **_: Any) -> None:
        said = answer(master.ledger, int(msg.data["turns"]))
        if isinstance(runner, MasterRunner):
            runner.send_message(GRANTED, said, msg.node_id)
        else:
            environment.neo_worker.granted(said["turns"])

    _listen(environment.events.worker_connect, connected)
    _listen(environment.events.test_start, lambda **_: master.begin())
    runner.register_message(REPORT, reported)
    runner.register_message(WANTED, wanted)


def _listen(hook: Any, listener: Any) -> None:
    hook.add_listener(listener)
