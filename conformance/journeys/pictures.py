"""Four pictures of two by two pixels, one of each type that every page of the API names."""

from __future__ import annotations

import base64
from collections.abc import Mapping

_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGMUqTjBwMDAxMDAwMDAAAAPZgFY4x2sBwAAAABJRU5ErkJggg=="
_JPEG = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5mo"
    "q6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAACAAIDASIAAhEB"
    "AxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAABf/EABQRAQAAAAAAAAAAAAAA"
    "AAAAAAD/2gAMAwEAAhEDEQA/AJgCA9//2Q=="
)
_GIF = "R0lGODdhAgACAIEAABR4yAAAAAAAAAAAACwAAAAAAgACAAAIBgABCAQQEAA7"
_WEBP = "UklGRh4AAABXRUJQVlA4TBEAAAAvAUAAAAdQvFIUuf+BiOh/AAA="

PICTURES: Mapping[str, bytes] = {
    "image/png": base64.b64decode(_PNG),
    "image/jpeg": base64.b64decode(_JPEG),
    "image/gif": base64.b64decode(_GIF),
    "image/webp": base64.b64decode(_WEBP),
}
"""Media type -> the whole file."""

EXTENSIONS: Mapping[str, str] = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
