"""What has to be refused in the session of the attachments: before its first turn, and behind an earlier one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.journeys.probes import never_granted
from conformance.journeys.turns import Message, Omitted, SessionPlay

LIMIT = 6
"""Attachments that one turn may have (contract M3)."""
SEVEN_LATER_MARKER = "seven attachments in a later turn, marker 71d30be2c8"
SEVEN_FIRST_MARKER = "seven attachments before any turn, marker 5be20c91d7"
Probe = tuple[str, str, Message]
"""A name, the requirement that it leans on, and the message."""


class Refusals:
    """Sends them. What was accepted once would start a turn again: its rule is not tried a second time."""

    def __init__(self, session: SessionPlay, granted: Sequence[Mapping[str, Any]]) -> None:
        self._session = session
        self._granted = granted
        self._accepted: set[str] = set()

    async def first(self, client_message_id: str) -> tuple[str, bool]:
        """Messages with that id, each refused for something else; then the id is still unused.

        :returns: an id that was never accepted, and whether a message with it was refused.
        """
        refused = False
        probes: list[Probe] = [
            ("tier", "TIER-02", Message("Please answer with one word (first).", tier="TURBO")),
            ("seven", "ATT-02", Message(SEVEN_FIRST_MARKER, attachments=self._granted[: LIMIT + 1])),
            ("path", "ATT-08", Message("Please describe it.", attachments=[never_granted(self._granted)])),
        ]
        for probe, rule, message in probes:
            status = await self._send("first", probe, rule, replace(message, client_message_id=client_message_id))
            if status is not None and 400 <= status < 500:
                refused = True
            elif status is not None:
                client_message_id, refused = str(uuid.uuid4()), False
        return client_message_id, refused

    async def later(self, known: frozenset[str]) -> None:
        """What has to be refused in a session's first turn has to be in a later one, too."""
        granted = self._granted
        bare, taken = granted[-1], [str(one["blob_path"]) for one in granted]
        folder, slash, name = str(bare["blob_path"]).rpartition("/")
        probes: list[Probe] = [
            ("seven", "ATT-02", Message(SEVEN_LATER_MARKER, attachments=granted[-LIMIT - 1 :])),
            ("empty", "ATT-06", Message("", attachments=[])),
            ("tier", "TIER-02", Message("Please answer with one word (later).", tier="TURBO")),
            ("tier-blank", "TIER-02", Message("Please answer with one word (blank).", tier="SMART ")),
            ("path", "ATT-08", Message(attachments=[never_granted([bare, *granted[:-1]])])),
            ("longer", "ATT-08", Message(attachments=[{**bare, "blob_path": f"{bare['blob_path']}.copy"}])),
        ]
        if slash:
            other = f"{folder}-other/{name}"
            probes.append(("folder", "ATT-08", Message(attachments=[{**bare, "blob_path": other}])))
        for probe, rule, message in probes:
            sent = message.attachments if not isinstance(message.attachments, Omitted) else []
            if rule != "ATT-08" or sent[0]["blob_path"] not in taken:
                await self._send("later", probe, rule, message, known)

    async def _send(
        self, when: str, probe: str, rule: str, message: Message, known: frozenset[str] = frozenset()
    ) -> int | None:
        """The status; None where it was not sent."""
        if rule in self._accepted:
            return None
        facts = {"part": "refusal", "probe": f"{when}-{probe}", "rule": "ERR-04", "leans_on": rule}
        answer = await self._session.post(f"refuse-{when}-{probe}", message, facts, fresh=False)
        if answer.status == 202:
            self._accepted.add(rule)
            await self._session.read_unplanned(f"{answer.step}/tail", answer, known)
        return answer.status
