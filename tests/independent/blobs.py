"""The blob store: another host, with addresses that open one blob for a while and no bearer tokens."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

CONTAINER = "chat-inbound"
LIFETIME = 600.0
MAX_IMAGE_BYTES = 5 * 1024 * 1024


@dataclass
class Blob:
    """A place for one upload."""

    path: str
    mime: str
    session_id: str
    signature: str
    expires: float
    content: bytes | None = None


class BlobStore:
    """All blobs by their paths."""

    def __init__(self) -> None:
        self.address = ""
        self._blobs: dict[str, Blob] = {}

    def grant(self, path: str, mime: str, session_id: str) -> str:
        """Makes a place; the address that may be written to."""
        signature = base64.b64encode(secrets.token_bytes(32)).decode()
        self._blobs[path] = Blob(path, mime, session_id, signature, time.time() + LIFETIME)
        return self.url(path)

    def url(self, path: str) -> str:
        """The signed address of a blob."""
        blob = self._blobs[path]
        expiry = quote(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(blob.expires)), safe="")
        query = f"sv=2024-11-04&se={expiry}&sr=b&sp=rcw&sig={quote(blob.signature, safe='')}"
        return f"{self.address}/{CONTAINER}/{quote(path)}?{query}"

    def uploaded(self, path: str, session_id: str) -> Blob | None:
        """The blob, if it was granted to this session and its bytes have come."""
        blob = self._blobs.get(path)
        return blob if blob and blob.session_id == session_id and blob.content is not None else None

    async def put(self, request: web.Request) -> web.Response:
        """Takes the bytes of one blob, with the refusals of such a store."""
        blob = self._blobs.get(request.match_info["path"])
        signed = blob is not None and secrets.compare_digest(
            request.query.get("sig", "").encode(), blob.signature.encode()
        )
        if blob is None or not signed or time.time() > blob.expires or "Authorization" in request.headers:
            return _fault(403, "AuthenticationFailed")
        if request.headers.get("x-ms-blob-type") != "BlockBlob":
            return _fault(400, "InvalidHeaderValue")
        content = await request.read()
        if len(content) > MAX_IMAGE_BYTES:
            return _fault(413, "RequestBodyTooLarge")
        blob.content = content
        return web.Response(status=201, headers={"x-ms-version": "2024-11-04"})

    def application(self) -> web.Application:
        """The store as an application of its own, on its own port."""
        app = web.Application(client_max_size=2 * MAX_IMAGE_BYTES)
        app.router.add_put(f"/{CONTAINER}/{{path:.+}}", self.put)
        return app


def _fault(status: int, code: str) -> web.Response:
    """The store speaks XML, as the API does not."""
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return web.Response(status=status, text=body, content_type="application/xml")
