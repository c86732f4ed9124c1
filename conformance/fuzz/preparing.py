"""What is needed before anything generated can mean something: uploads that were really made."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import httpx

from conformance import api
from conformance.fuzz.known import Grant
from conformance.journeys.pictures import PICTURES
from conformance.transport.refused import NotSent
from conformance.transport.upload_hosts import UploadHosts

_PUT_SECONDS = 5.0


def uploaded(base_url: str, upload_url: object, grant: Grant) -> Grant:
    """The grant, uploaded if the bytes could be put there; as it was if they could not, which others judge.

    The address is the target's choice: it is checked as that of every other upload (transport/upload_hosts.py).
    """
    content = PICTURES.get(grant.mime)
    if not isinstance(upload_url, str) or content is None:
        return grant
    try:
        request = asyncio.run(_checked(base_url, api.put_blob(upload_url, grant.mime, content)))
        with httpx.Client(trust_env=False, timeout=_PUT_SECONDS, follow_redirects=False) as client:
            status = client.send(request).status_code
    except (NotSent, httpx.HTTPError, httpx.InvalidURL, ValueError):
        return grant
    done = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    return Grant(grant.blob_path, grant.mime, uploaded=True) if done else grant


async def _checked(base_url: str, request: httpx.Request) -> httpx.Request:
    return await UploadHosts(httpx.URL(base_url)).checked(request)
