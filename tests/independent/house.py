"""Everything that one running server knows: its tenants, sessions and blobs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from aiohttp import web

from .accounts import Accounts, Tenant
from .answers import Clerk, missing
from .blobs import BlobStore
from .eventlog import EventLog
from .faults import Fault
from .identifiers import Names
from .variants import Manners


def timestamp() -> str:
    """Now, as this vendor writes it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Session:
    """One conversation."""

    id: str
    owner: Tenant
    resource: dict[str, Any]
    log: EventLog
    replay: list[dict[str, Any]] = field(default_factory=list)
    originals: dict[str, str] = field(default_factory=dict)
    turns: int = 0
    running: int = 0
    last_tier: str = "FAST"
    # Turns of one session take their turns: whole ones where the vendor queues, steps where they run in parallel.
    turn_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    step_lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class Call:
    """What the gate found out about a request before anything else looked at it."""

    tenant: Tenant
    clerk: Clerk
    rate: dict[str, str]


CALL = web.RequestKey("call", Call)


def call_of(request: web.Request) -> Call:
    """The call that the gate attached to a request."""
    return request[CALL]


class House:
    """The state of one server, and how it behaves."""

    def __init__(self, manners: Manners, fault: Fault | None, turn_seconds: float) -> None:
        self.manners = manners
        self.fault = fault
        self.turn_seconds = turn_seconds
        self.accounts = Accounts()
        self.names = Names(manners.numeric_ids)
        self.blobs = BlobStore()
        self.sessions: dict[str, Session] = {}
        self.tenant_originals: dict[str, dict[str, str]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def session(self, request: web.Request, anybody: bool = False) -> Session:
        """The session that the path names, if it is the caller's."""
        session = self.sessions.get(request.match_info["session_id"])
        if session is None or not (anybody or session.owner is call_of(request).tenant):
            raise missing("session")
        return session

    def originals(self, session: Session) -> dict[str, str]:
        """Message ids by the client's own ids, in the scope that the vendor gives them."""
        if self.manners.tenant_wide_idempotency:
            return self.tenant_originals.setdefault(session.owner.name, {})
        return session.originals


HOUSE = web.AppKey("house", House)
