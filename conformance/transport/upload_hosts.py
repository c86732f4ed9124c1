"""Where an ``upload_url`` may lead. A target chooses it, and must not make this machine reach what it could not itself.

A signed address of the contract is https (a SAS URL). Plain http is taken from a target on loopback, for loopback. A
target on the open internet may not point into a private network, at a link-local address (the metadata services of the
clouds), or at this machine.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from conformance.transport.refused import NotSent

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Host and port -> its addresses. Raises OSError where it has none."""

RESOLVE_SECONDS = 10.0


async def resolve(host: str, port: int) -> Sequence[Address]:
    """The addresses of a host; raises OSError where it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]


class UploadHosts:
    """Checks and pins upload addresses for the target at ``base_url``. The target's own address is looked up once."""

    def __init__(self, base_url: httpx.URL, resolver: Resolve = resolve) -> None:
        self._base_url = base_url
        self._resolve = resolver
        self._reach: str | None = None

    async def checked(self, request: httpx.Request) -> httpx.Request:
        """The request, bound to an address that was checked: a name looked up twice may give two answers.

        TLS still verifies the name, by the extension ``sni_hostname``.

        :raises NotSent: it leads where this target may not send us.
        """
        url = request.url
        target_reach = await self._target_reach()
        if url.scheme not in ("http", "https") or not url.host:
            raise NotSent("not sent: upload_url is no http(s) address")
        if url.userinfo:
            raise NotSent("not sent: upload_url has credentials in it")
        if _origin(url) == _origin(self._base_url):
            return request
        addresses = await self._addresses(url)
        reaches = {reach_of(one) for one in addresses}
        if url.scheme == "http" and (target_reach != "loopback" or reaches != {"loopback"}):
            raise NotSent("not sent: upload_url is plain http, and target and upload are not both on loopback")
        worst = next((one for one in _NARROWEST_FIRST if one in reaches), "public")
        if _NARROWEST_FIRST.index(worst) < _NARROWEST_FIRST.index(target_reach) or worst == "link-local":
            raise NotSent(f"not sent: upload_url leads to a {worst} address, and the target is {target_reach}")
        pinned = url.copy_with(host=str(addresses[0]))
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        host = request.headers.get("host", url.netloc.decode("ascii"))
        extensions = {**request.extensions, "sni_hostname": url.host}
        return httpx.Request(
            request.method,
            pinned,
            headers=[(b"Host", host.encode("latin-1")), *headers],
            content=request.content,
            extensions=extensions,
        )

    async def _target_reach(self) -> str:
        if self._reach is None:
            try:
                reaches = {reach_of(one) for one in await self._addresses(self._base_url)}
            except NotSent:
                reaches = {"public"}
            # Of several addresses the widest: then the most is forbidden.
            self._reach = next(one for one in reversed(_NARROWEST_FIRST) if one in reaches)
        return self._reach

    async def _addresses(self, url: httpx.URL) -> Sequence[Address]:
        host = url.host
        try:
            return [ipaddress.ip_address(host.partition("%")[0])]
        except ValueError:
            pass
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            addresses = await asyncio.wait_for(self._resolve(host, port), RESOLVE_SECONDS)
        except (OSError, UnicodeError, asyncio.TimeoutError):
            addresses = []
        if not addresses:
            raise NotSent("not sent: the host of upload_url is not found")
        return addresses


_NARROWEST_FIRST = ("link-local", "loopback", "private", "public")


def reach_of(address: Address) -> str:
    """``loopback``, ``link-local`` (with the metadata services), ``private`` (all else that is not global) or ``public``."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return reach_of(inner)
        if address in _NAT64:
            return reach_of(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.is_loopback or address.is_unspecified:  # 0.0.0.0 reaches this machine, too
        return "loopback"
    if address.is_link_local or address in _METADATA:
        return "link-local"
    if not address.is_global or address.is_multicast or address.is_reserved:
        return "private"
    return "public"


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_METADATA = frozenset(
    ipaddress.ip_address(one) for one in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
"""Metadata services of the clouds, some of them outside the link-local range."""


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    ports = {"http": 80, "https": 443}
    return url.scheme, url.host, url.port if url.port is not None else ports.get(url.scheme)
