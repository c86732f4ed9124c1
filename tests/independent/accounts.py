"""Who calls: two tenants, their keys, and the requests that each has left."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field

from .answers import Refusal

KEY = "neo_sk_test_Qm7RkW2pLx9TzB4vHs6NdY1c"
OTHER_KEY = "neo_sk_test_Jf3GcU8yEa5KnP0iVo7XwD2t"

LIMIT = 1200
WINDOW = 60.0


@dataclass
class Tenant:
    """One customer; all its keys draw on one allowance."""

    name: str
    calls: deque[float] = field(default_factory=deque)

    def spend(self) -> dict[str, str]:
        """Counts one request against the sliding window; the headers that say what is left."""
        now = time.time()
        while self.calls and self.calls[0] <= now - WINDOW:
            self.calls.popleft()
        blocked = len(self.calls) >= LIMIT
        if not blocked:
            self.calls.append(now)
        free_at = self.calls[0] + WINDOW
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(LIMIT - len(self.calls)),
            "X-RateLimit-Reset": str(math.ceil(free_at)),
        }
        if blocked:
            headers["Retry-After"] = str(max(1, math.ceil(free_at - now)))
        return headers


class Accounts:
    """The tenants by their keys."""

    def __init__(self) -> None:
        self._by_key = {KEY: Tenant("t-aurora"), OTHER_KEY: Tenant("t-boreas")}

    def tenant(self, authorization: str | None) -> Tenant:
        """Whose credential it is; any other than a known Bearer key is refused."""
        scheme, _, token = (authorization or "").partition(" ")
        tenant = self._by_key.get(token.strip()) if scheme.lower() == "bearer" else None
        if tenant is None:
            raise Refusal(401, "invalid_credentials", "A valid API key is needed: Authorization: Bearer <key>.")
        return tenant
