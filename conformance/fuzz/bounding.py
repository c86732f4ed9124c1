"""What one answer may take of our memory and our time, where `requests` itself sets no bound.

Its timeout is that between two pieces of a body, and it reads a body whole, decoded, whatever it comes to. A stream of
events is not read here: schemathesis bounds it, by events and by time.
"""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from schemathesis.core.transport import is_event_stream
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

BODY_BYTES = 8_000_000
"""The longest body that is read, decoded. What is longer is let go, and nothing is said of it."""
_PIECE = 65_536


class TooLong(requests.exceptions.RequestException):
    """The body goes on behind BODY_BYTES: it is not read, and so it is not judged."""


class BoundedAdapter(HTTPAdapter):
    """Reads each body that is no stream of events within BODY_BYTES and the request's timeout, which is for the whole."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        """As HTTPAdapter's.

        :raises TooLong: the body is longer than is read.
        :raises requests.exceptions.ReadTimeout: it was not whole in time.
        """
        seconds = timeout if isinstance(timeout, (int, float)) else None
        until = time.monotonic() + seconds if seconds is not None else None
        response = super().send(request, stream, timeout, verify, cert, proxies)
        if not is_event_stream(response.headers.get("Content-Type")):
            _read(response, until)
        return response


def _read(response: requests.Response, until: float | None) -> None:
    body = bytearray()
    raw: Any = response.raw
    try:
        while piece := raw.read1(_PIECE, decode_content=True):
            body += piece
            if len(body) > BODY_BYTES:
                response.close()
                raise TooLong(f"more than {BODY_BYTES} bytes")
            if until is not None and time.monotonic() >= until:
                response.close()
                raise requests.exceptions.ReadTimeout("the body was not whole in time")
    except ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error) from error
    except DecodeError as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    except HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error) from error
    # What `requests` itself would have kept, had it read the body.
    response._content, response._content_consumed = bytes(body), True
