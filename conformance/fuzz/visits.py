"""The strangers' requests to every operation, sent and judged (what they are: strangers.py)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.fuzz.answers import Finding, judge
from conformance.fuzz.expectation import OPEN, Expectation
from conformance.fuzz.generation import Case, Operation
from conformance.fuzz.known import Known, session_id_of
from conformance.fuzz.leaking import leaking
from conformance.fuzz.noting import Notes
from conformance.fuzz.sending import Sender, Sent
from conformance.fuzz.strangers import (
    NO_KEY,
    NOT_YOURS,
    OTHERS_BLOB,
    UNKNOWN_KEY,
    PlainRequest,
    leaks,
    plain_requests,
    unknown_key,
)

_STREAM_SECONDS = 0.8


@dataclass
class Visits:
    """Pays them once, and counts what they cost. `owner` sends with the tenant's own key, and keeps the account of turns."""

    owner: Sender
    other_key: str | None
    notes: Notes
    origins: Mapping[str, Counter[str]]
    seed: int
    count: int = 0
    left_out: list[str] = field(default_factory=list)

    def pay(self, found: Mapping[str, Operation], names: Collection[str], known: Known, until: float) -> None:
        """Every operation of `names` by every stranger, on the live session; `until` is of time.monotonic()."""
        nobody, somebody = self._stranger(""), self._stranger(unknown_key(self.seed))
        for plain in plain_requests(found, known.live, known.agent):
            if plain.operation in names:
                self._visit(nobody, plain, NO_KEY, "no credential", until)
                self._visit(somebody, plain, UNKNOWN_KEY, "an unknown key", until)
        other = self._stranger(self.other_key or "")
        if self.other_key is None:
            self.left_out.append("requests of another tenant: there is no second key")
        else:
            self._tenants(other, found, names, known, until)
        self.count += nobody.count + somebody.count + other.count

    def _stranger(self, api_key: str) -> Sender:
        return Sender(api_key, self.owner.budget, behind=self.owner)

    def _tenants(
        self, other: Sender, found: Mapping[str, Operation], names: Collection[str], known: Known, until: float
    ) -> None:
        """Both ways: the other tenant on our session, and we on the other's. First it is seen that its key works."""
        create = found["createSession"].Case(body=dict(known.agent), media_type="application/json")
        sent = other.send(create, deadline=until)
        session_id = session_id_of(sent.answers[-1]) if sent.answers else ""
        if not session_id:
            self.left_out.append("requests of another tenant: its key gets no session of this agent")
            return
        theirs = Known(known.agent, live=session_id)
        owned = next(
            one for one in plain_requests(found, session_id, known.agent) if one.operation == "requestUploadUrl"
        )
        granted = other.send(owned.case, deadline=until)
        for answer in granted.answers[-1:]:
            theirs.take_in("requestUploadUrl", owned.case, answer)
        for plain in plain_requests(found, known.live, known.agent):
            if plain.operation in names and plain.operation != "createSession":
                self._visit(other, plain, NOT_YOURS, "another tenant's key", until, known.secrets)
        for plain in plain_requests(found, session_id, known.agent):
            if plain.operation in names and plain.operation != "createSession":
                self._visit(self.owner, plain, NOT_YOURS, "another tenant's session", until, theirs.secrets)
        if "appendMessage" in names:
            self._attach(found["appendMessage"], known, theirs, until)

    def _attach(self, operation: Operation, known: Known, theirs: Known, until: float) -> None:
        """Another tenant's path in a message of ours. That it is refused only follows from the pages: it may start a turn."""
        if not theirs.grants or not self.owner.budget.left:
            self.left_out.append("another tenant's blob_path in a message: no grant of it, or no turn left")
            return
        grant = theirs.grants[0]
        body: dict[str, Any] = {"message": "Look", "attachments": [{"blob_path": grant.blob_path, "mime": grant.mime}]}
        case = operation.Case(path_parameters={"session_id": known.live}, body=body, media_type="application/json")
        sent = self.owner.send_message(case, deadline=until, may_start=True)
        self._take("appendMessage", case, sent, OTHERS_BLOB, "another tenant's blob_path", self.owner)

    def _visit(
        self,
        sender: Sender,
        plain: PlainRequest,
        expectation: Expectation,
        word: str,
        until: float,
        owned: tuple[str, ...] = (),
    ) -> None:
        if time.monotonic() >= until:
            return
        if plain.operation == "appendMessage":
            sent = sender.send_message(plain.case, deadline=until, may_start=False)
        else:
            stream = _STREAM_SECONDS if plain.operation == "tailEvents" else 0.0
            sent = sender.send(plain.case, deadline=until, stream_seconds=stream)
        self._take(plain.operation, plain.case, sent, expectation, word, sender, owned)

    def _take(
        self,
        name: str,
        case: Case,
        sent: Sent,
        expectation: Expectation,
        word: str,
        sender: Sender,
        owned: tuple[str, ...] = (),
    ) -> None:
        self.origins[name][word] += 1
        findings: list[Finding] = []
        authenticated = sender is self.owner or sender.api_key == self.other_key
        asked = f"{case.path_parameters} {case.body!r}"
        for answer in sent.answers:
            # What is said to a stranger about a 5xx or a connection is the owner's to find: here it is about access.
            findings += judge(name, case, answer, expectation if answer is sent.answers[-1] else OPEN)
            findings += leaks(answer, owned, asked)
            findings += leaking(case, answer, sender.api_key)
        if not authenticated:
            # Whoever has no tenant has no limit to be told, whatever the refusal.
            findings = [one for one in findings if one.rule != "RATE-01"]
        self.notes.take(name, case, findings, sender.api_key)
