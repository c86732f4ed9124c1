"""The users of Locust: each plays one session after another, and leaves the playing to the stage of its process."""

from __future__ import annotations

import random
import time
from typing import Any

import gevent
from locust import User, task
from locust.exception import StopUser

from conformance.load.worker import SoakWorker

METHODS = {"tail-events": "GET", "list-messages": "GET", "put-blob": "PUT"}


class ChatUser(User):
    """Creates a session, posts, tails, breaks off, comes back, repeats, races, attaches: whatever its plan says."""

    def wait_time(self) -> float:
        """The pause between two sessions."""
        worker = self._worker
        return random.uniform(*worker.profile.pause) * worker.settings.think

    @property
    def _worker(self) -> SoakWorker:
        worker: SoakWorker = self.environment.neo_worker
        return worker

    @task
    def session(self) -> None:
        """One session from its creation to its last answer."""
        worker = self._worker
        if worker.profile.together is not None:
            gevent.sleep(worker.profile.together - time.time() % worker.profile.together)
        drawn = worker.next_plan()
        if drawn is None:
            raise StopUser
        played = worker.play(drawn)
        for operation, milliseconds, size, problem in played.requests:
            self._tell(operation, milliseconds, size, problem)

    def _tell(self, operation: str, milliseconds: float, size: int, problem: str | None) -> None:
        """For Locust's statistics. A status of the contract is no failure there: what is, the judges say."""
        fields: dict[str, Any] = {
            "request_type": METHODS.get(operation, "POST"),
            "name": operation,
            "response_time": milliseconds,
            "response_length": size,
            "exception": problem,
            "context": {},
        }
        self.environment.events.request.fire(**fields)
