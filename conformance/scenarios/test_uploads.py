"""UPL: grants for uploads, and the uploads themselves."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from conformance.findings import Untested, broken, requirement
from conformance.judging.answers import MALFORMED, all_refused, is_interim, probes, unjudgeable, why_not_played
from conformance.judging.statuses import successful
from conformance.recording import Exchange, Recording

IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""The four types that both pages list."""


@requirement("UPL-01")
def test_the_four_image_types_get_a_grant(recording: Recording) -> None:
    """With its four fields, each of its type."""
    granted: set[str] = set()
    for exchange in _asked(recording):
        reason = unjudgeable(recording, exchange)
        if reason is not None:
            raise Untested(reason)
        if not successful(exchange):
            broken(exchange, expected=f"a grant for {_type(exchange)}")
        wrong = _grant_fault(exchange.data)
        if wrong is not None:
            broken(
                exchange,
                expected="data {blob_path: string, max_image_bytes: positive integer, mime: string, upload_url: URL}",
                came=wrong,
            )
        granted.add(str(_type(exchange)))
    for mime in IMAGES:
        if mime not in granted:
            raise why_not_played(recording, "uploads", f"a grant for {mime}")


@requirement("UPL-02")
def test_the_type_must_be_given(recording: Recording) -> None:
    """A body without ``content_type`` is refused."""
    played = probes(recording, "UPL-02")
    if not played:
        raise why_not_played(recording, "uploads", "a request without a type")
    all_refused(recording, played, only=MALFORMED, expected="400 or 422 for a request without `content_type`")


@requirement("UPL-03")
def test_a_type_on_no_page_is_refused(recording: Recording) -> None:
    """No grant for an archive, a film, a web page, or a word that is no type."""
    played = probes(recording, "UPL-03")
    if not played:
        raise why_not_played(recording, "uploads", "a request for a type on no page")
    all_refused(recording, played, only=None, expected="a refusal of a `content_type` that no page lists")


@requirement("UPL-04")
def test_the_grant_is_for_the_type_that_was_asked_for(recording: Recording) -> None:
    """``mime`` says it back."""
    grants = [e for e in _grants(recording) if _type(e) in IMAGES and isinstance(e.data.get("mime"), str)]
    if not grants:
        raise why_not_played(recording, "uploads", "a grant")
    for exchange in grants:
        mime = str(exchange.data["mime"])
        if mime.partition(";")[0].strip().lower() != _type(exchange):
            broken(exchange, expected=f"`mime` is {_type(exchange)}", came=f"`mime` is {mime[:120]!r}")


@requirement("UPL-04")
def test_every_grant_has_a_path_of_its_own(recording: Recording) -> None:
    """Also where type and file name are the same, and from session to session."""
    first: dict[str, Exchange] = {}
    for exchange in _grants(recording):
        path = exchange.data.get("blob_path")
        if not isinstance(path, str) or not path:
            continue
        other = first.setdefault(path, exchange)
        if other is not exchange:
            broken(
                exchange,
                other,
                expected="every grant has its own `blob_path`",
                came=f"{other.name} and {exchange.name} were both granted {path[:160]!r}",
            )
    if len(first) < 2:
        raise Untested("fewer than two grants were recorded")


@requirement("UPL-04")
def test_every_path_has_an_upload_url_of_its_own(recording: Recording) -> None:
    """An ``upload_url`` is for a single blob: two paths that share one cannot both be uploaded."""
    first: dict[str, Exchange] = {}
    for exchange in _grants(recording):
        path, url = exchange.data.get("blob_path"), exchange.data.get("upload_url")
        if not isinstance(path, str) or not isinstance(url, str) or not path or not url:
            continue
        other = first.setdefault(url, exchange)
        if other.data.get("blob_path") != path:
            broken(
                exchange,
                other,
                expected="an `upload_url` for this `blob_path` alone",
                came=f"{other.name} and {exchange.name} got one upload_url for two paths",
            )
    if len(first) < 2:
        raise Untested("fewer than two upload URLs were recorded")


@requirement("UPL-04")
def test_a_path_does_not_climb_out_of_its_folder(recording: Recording) -> None:
    """The path is the server's choice and the session's own: a file name leads to no folder above it."""
    for exchange in _grants(recording):
        path = exchange.data.get("blob_path")
        if isinstance(path, str) and ".." in re.split(r"[/\\]", path):
            expected = "a `blob_path` that the server chose, within the session's folder"
            broken(exchange, expected=expected, came=f"`blob_path` is {path[:160]!r}")


@requirement("UPL-05")
def test_the_upload_succeeds(recording: Recording) -> None:
    """With the two documented headers and without the API's key."""
    puts = [e for e in recording.exchanges if e.operation == "put-blob" and not is_interim(e)]
    if not puts:
        raise why_not_played(recording, "uploads", "an upload")
    silent: str | None = None
    for exchange in puts:
        if exchange.status == 0:
            silent = f"{exchange.name} could not reach the upload's host ({exchange.problem or exchange.ending})"
        elif exchange.status in (429, 503):
            silent = f"{exchange.name} met a storage that was busy ({exchange.status})"
        elif not successful(exchange):
            broken(exchange, expected="a 2xx for the PUT to `upload_url`")
    if silent is not None:
        raise Untested(silent)


def _asked(recording: Recording) -> list[Exchange]:
    """The requests to which a grant is due: an image type of both pages, and nothing odd beside it."""
    return [
        e
        for e in recording.exchanges
        if e.operation == "request-upload-url"
        and e.credential == "own"
        and not is_interim(e)
        and _type(e) in IMAGES
        and (e.facts.get("rule") == "UPL-01" or e.facts.get("expected") == "granted")
    ]


def _grants(recording: Recording) -> list[Exchange]:
    return [e for e in recording.exchanges if e.operation == "request-upload-url" and successful(e) and e.data]


def _type(exchange: Exchange) -> Any:
    sent = exchange.sent.json
    kind = sent.get("content_type") if isinstance(sent, dict) else None
    return kind if isinstance(kind, str) else None


def _grant_fault(data: Any) -> str | None:
    for name in ("blob_path", "mime", "upload_url"):
        if not isinstance(data.get(name), str) or not data[name]:
            return f"`data.{name}` is no string with content"
    most = data.get("max_image_bytes")
    # 5e6 is an integer in JSON, whatever Python makes of it; a boolean is none.
    whole = isinstance(most, int) or (isinstance(most, float) and most.is_integer())
    if isinstance(most, bool) or not whole or most <= 0:
        return "`data.max_image_bytes` is no positive integer"
    if not _is_url(data["upload_url"]):
        return "`data.upload_url` is no absolute http(s) URL"
    return None


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
