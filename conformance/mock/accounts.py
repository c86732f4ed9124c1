"""The mock's API keys. They open nothing but a mock: none of them was ever a key of the real API."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final

FIRST_MOCK_KEY: Final = "neo_sk_mock_FirstTenant0123456789Ab"
"""Mock key of an ordinary account of the first tenant."""
SECOND_MOCK_KEY: Final = "neo_sk_mock_SecondTenant0123456789"
"""Mock key of an ordinary account of the second tenant."""
PLATFORM_MOCK_KEY: Final = "neo_sk_mock_PlatformAcct0123456789"
"""Mock key of a platform account, in a third tenant; it may set ``client_id``."""

MOCK_KEYS: Final[dict[str, str]] = {
    "first": FIRST_MOCK_KEY,
    "second": SECOND_MOCK_KEY,
    "platform": PLATFORM_MOCK_KEY,
}
"""The keys by the names under which ``--announce-json`` gives them."""


@dataclass(frozen=True)
class Account:
    """Who a key belongs to. The key alone decides the tenant (G3)."""

    tenant: str
    platform: bool


_ACCOUNTS: Final = {
    FIRST_MOCK_KEY: Account("tenant-first", platform=False),
    SECOND_MOCK_KEY: Account("tenant-second", platform=False),
    PLATFORM_MOCK_KEY: Account("tenant-platform", platform=True),
}


def account_of(authorization: list[bytes]) -> Account | None:
    """The account of the request's ``Authorization`` header values; None unless there is one, a known bearer key."""
    if len(authorization) != 1:
        return None
    scheme, _, token = authorization[0].partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    found = None
    for key, account in _ACCOUNTS.items():
        # Every key is compared, in constant time, as a server that holds real keys has to do it.
        if hmac.compare_digest(key.encode(), token.strip(b" ")):
            found = account
    return found
