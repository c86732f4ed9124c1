"""Who is tested: the address, the keys, and the agent. Everything is checked before the first request."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.outcomes import BadInput

PREFIX = "/public-api"
"""Every path of the API is under it (contract G1)."""

KEY_VARIABLE = "NEO_API_KEY"
OTHER_KEY_VARIABLE = "NEO_OTHER_API_KEY"
MANAGED_AGENT = "NEO_SUPPORT"
"""The only managed agent that the documentation names."""


@dataclass(frozen=True)
class Target:
    """A server and how to talk to it.

    ``base_url`` has no trailing slash and no ``/public-api``. ``other_key`` is a key of a second tenant, where there is one.
    """

    base_url: str
    api_key: str = field(repr=False)
    other_key: str | None = field(default=None, repr=False)
    agent_id: int | None = None

    @property
    def on_loopback(self) -> bool:
        """Whether the server is on this machine: requests that start no turn then cost nothing."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def url(self, path: str) -> str:
        """The absolute URL of an API path such as ``/chat/sessions``."""
        return f"{self.base_url}{PREFIX}{path}"

    def agent(self) -> dict[str, Any]:
        """The part of a create-session body that chooses the agent."""
        return {"managed_agent_key": MANAGED_AGENT} if self.agent_id is None else {"agent_id": self.agent_id}


def altered(key: str) -> str:
    """The key with another last character: a secret, too, as it tells all the rest."""
    return f"{key[:-1]}{'a' if key[-1] != 'a' else 'b'}"


def parse_base_url(text: str) -> str:
    """The address without a trailing slash.

    :raises BadInput: for anything that is no plain http(s) address of a server.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"--base-url {_shown(url)}: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise BadInput(f"--base-url {_shown(url)}: an address begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise BadInput(f"--base-url: an address with credentials in it is not taken; the key goes into {KEY_VARIABLE}")
    if not parts.hostname or port == 0 or any(c.isspace() or ord(c) < 32 for c in url):
        raise BadInput(f"--base-url {_shown(url)}: there is no host in it, or it has white space or no usable port")
    if parts.query or "?" in url:
        raise BadInput(f"--base-url {_shown(url)}: an address has no query")
    if parts.fragment or "#" in url:
        raise BadInput(f"--base-url {_shown(url)}: an address has no fragment")
    plain = url.rstrip("/")
    if plain.endswith(PREFIX):
        raise BadInput(f"--base-url {_shown(url)}: leave {PREFIX} out, it is added")
    return plain


def parse_key(value: str | None, variable: str) -> str:
    """A credential fit for a header. Its form is not checked: an Entra ID token is as good as an API key.

    :raises BadInput: when it is missing, empty, or has a character that no header value may have.
    """
    if value is None:
        raise BadInput(f"{variable} is not set: the key of the target goes into that environment variable")
    if not value:
        raise BadInput(f"{variable} is empty")
    if any(c.isspace() for c in value):
        raise BadInput(f"{variable} has white space or a line break in it")
    if not all(33 <= ord(c) < 127 for c in value):
        raise BadInput(f"{variable} has a character that an HTTP header cannot carry")
    return value


def _shown(url: str) -> str:
    """The address for a message: control characters escaped, and cut where it is very long."""
    return repr(url if len(url) <= 200 else f"{url[:200]}…")
