"""A target may not send us where it could not go itself; what is lawful goes through."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence

import httpx
import pytest

from conformance.transport.refused import NotSent
from conformance.transport.upload_hosts import Address, UploadHosts, reach_of

NAMES = {
    "api.test": ["93.184.216.34"],
    "blob.test": ["93.184.216.35"],
    "inside.test": ["10.0.0.7"],
    "staging.test": ["10.0.0.5"],
    "rebinding.test": ["93.184.216.36", "169.254.169.254"],
    "localhost": ["127.0.0.1", "::1"],
}


async def resolve(host: str, _port: int) -> Sequence[Address]:
    if host not in NAMES:
        raise OSError("no such host")
    return [ipaddress.ip_address(one) for one in NAMES[host]]


def checked(target: str, url: str) -> httpx.Request:
    hosts = UploadHosts(httpx.URL(target), resolve)
    return asyncio.run(hosts.checked(httpx.Request("PUT", url, content=b"x", headers={"x-ms-blob-type": "BlockBlob"})))


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://api.test", "http://blob.test/x"),
        ("https://api.test", "https://inside.test/x"),
        ("https://api.test", "https://rebinding.test/x"),
        ("https://api.test", "https://localhost/x"),
        ("https://api.test", "https://127.0.0.1/x"),
        ("https://api.test", "https://[::1]/x"),
        ("https://api.test", "https://0.0.0.0/x"),
        ("https://api.test", "https://10.1.2.3/x"),
        ("https://api.test", "https://100.64.0.1/x"),
        ("https://api.test", "https://169.254.169.254/latest/meta-data"),
        ("https://api.test", "https://[::ffff:169.254.169.254]/x"),
        ("https://api.test", "https://[64:ff9b::a9fe:a9fe]/x"),
        ("https://api.test", "https://[fd00:ec2::254]/x"),
        ("https://api.test", "https://[fe80::1]/x"),
        ("https://api.test", "https://user:word@blob.test/x"),
        ("https://api.test", "https://nowhere.test/x"),
        ("https://api.test", "ftp://blob.test/x"),
        ("https://staging.test", "https://localhost/x"),
        ("https://staging.test", "https://169.254.169.254/x"),
        ("http://localhost:8000", "http://blob.test/x"),
        ("http://localhost:8000", "https://169.254.169.254/x"),
    ],
)
def test_where_an_upload_may_not_lead(target: str, url: str) -> None:
    with pytest.raises(NotSent, match=r"^not sent: "):
        checked(target, url)


@pytest.mark.parametrize(
    ("target", "url", "host"),
    [
        ("https://api.test", "https://blob.test/x?sig=1", "93.184.216.35"),
        ("https://api.test", "https://api.test/blob/x", "api.test"),
        ("https://staging.test", "https://inside.test/x", "10.0.0.7"),
        ("https://staging.test", "https://blob.test/x", "93.184.216.35"),
        ("http://localhost:8000", "http://127.0.0.1:9000/x", "127.0.0.1"),
        ("http://127.0.0.1:8000", "https://blob.test/x", "93.184.216.35"),
        ("http://127.0.0.1:8000", "https://inside.test/x", "10.0.0.7"),
    ],
)
def test_where_it_may(target: str, url: str, host: str) -> None:
    request = checked(target, url)
    assert request.url.host == host
    assert request.url.path == httpx.URL(url).path
    assert request.url.query == httpx.URL(url).query
    # The name that was asked for is what the server sees, and what TLS verifies.
    assert request.headers["host"] == httpx.URL(url).netloc.decode()
    assert request.extensions.get("sni_hostname", httpx.URL(url).host) == httpx.URL(url).host
    assert request.headers["x-ms-blob-type"] == "BlockBlob"
    assert "authorization" not in request.headers


def test_reach() -> None:
    reaches = {"127.0.0.9": "loopback", "169.254.1.1": "link-local", "192.168.1.1": "private", "9.9.9.9": "public"}
    assert {text: reach_of(ipaddress.ip_address(text)) for text in reaches} == reaches
