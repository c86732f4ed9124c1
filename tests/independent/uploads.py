"""`POST …/attachments/upload-url`."""

from __future__ import annotations

import re

from aiohttp import web

from .answers import Refusal, read_object
from .blobs import MAX_IMAGE_BYTES
from .faults import Fault
from .house import HOUSE, call_of
from .identifiers import ulid

IMAGES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
DOCUMENTS = {"application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv", "application/msword": "doc"}


async def grant(request: web.Request) -> web.Response:
    """Gives out one address to upload one file to."""
    house, call = request.app[HOUSE], call_of(request)
    session = house.session(request, anybody=house.fault is Fault.GRANT_FOR_ANYBODY)
    body = await read_object(request)
    mime, filename = body.get("content_type"), body.get("filename")
    types = IMAGES | DOCUMENTS if house.manners.documents else IMAGES
    if not isinstance(mime, str) or mime not in types:
        raise Refusal(house.manners.invalid, "unsupported_type", "content_type is missing or not one that is taken.")
    if filename is not None and not isinstance(filename, str):
        raise Refusal(house.manners.invalid, "validation_error", "filename must be text.", {"field": "filename"})
    stem = re.sub(r"[^A-Za-z0-9_-]", "-", (filename or "").rpartition(".")[0])[:40] or "upload"
    folder = "chat uploads" if house.manners.spaced_paths else "chat"
    path = f"{session.owner.name}/{folder}/{session.id}/{ulid()}/{stem}.{types[mime]}"
    url = house.blobs.grant(path, mime, session.id)
    data = {"blob_path": path, "max_image_bytes": MAX_IMAGE_BYTES, "mime": mime, "upload_url": url}
    return call.clerk.success(house.manners.created, data)
