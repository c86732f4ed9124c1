"""Cases of UPL: grants, and what is put into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful


def _granted(exchange: Exchange) -> bool:
    return exchange.operation == "request-upload-url" and exchange.status == 200


def _data(**values: Any) -> Callable[[Any], None]:
    """Sets fields of ``data``; ``...`` takes one away."""

    def change(body: Any) -> None:
        body["data"] = {k: v for k, v in {**body["data"], **values}.items() if v is not ...}

    return change


@broken("UPL-01", because="WebP gets no grant")
def no_grant_for_webp(r: Recording) -> Recording:
    return edits.answer(r, edits.named("uploads/grant-webp"), 422, edits.error(422))


@broken("UPL-01", because="a grant without a file name is refused")
def filename_is_demanded(r: Recording) -> Recording:
    return edits.answer(r, edits.named("uploads/grant-without-filename"), 400, edits.error(400))


@broken("UPL-01", because="the size is a text")
def size_is_a_text(r: Recording) -> Recording:
    return edits.json_body(r, _granted, _data(max_image_bytes="5242880"))


@broken("UPL-01", because="the size is zero")
def size_is_zero(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/grant-gif"), _data(max_image_bytes=0))


@broken("UPL-01", because="the size is a boolean")
def size_is_a_boolean(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/grant-gif"), _data(max_image_bytes=True))


@broken("UPL-01", because="the upload URL is a path")
def url_is_a_path(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/grant-png"), _data(upload_url="/blob/x?sig=1"))


@broken("UPL-01", because="there is no mime")
def no_mime(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/grant-png"), _data(mime=...))


@broken("UPL-01", because="the path is null")
def path_is_null(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("uploads/grant-jpeg"), _data(blob_path=None))


@broken("UPL-02", because="without a type there is a grant all the same")
def grant_without_a_type(r: Recording) -> Recording:
    return edits.status(r, edits.named("uploads/refuse-no-type"), 200)


@broken("UPL-02", because="without a type there is a 415")
def missing_type_is_415(r: Recording) -> Recording:
    return edits.status(r, edits.named("uploads/refuse-no-type-but-name"), 415)


@broken("UPL-03", because="any type gets a grant")
def grant_for_an_archive(r: Recording) -> Recording:
    return edits.status(r, edits.named("uploads/refuse-zip"), 200)


@broken("UPL-03", because="whatever begins with image/ gets a grant")
def grant_for_svg(r: Recording) -> Recording:
    return edits.status(r, edits.named("uploads/refuse-svg"), 200)


@broken("UPL-04", because="the mime is always PNG")
def always_png(r: Recording) -> Recording:
    return edits.json_body(r, _granted, _data(mime="image/png"))


@broken("UPL-04", because="the path comes from the file name")
def path_from_the_name(r: Recording) -> Recording:
    pick = edits.named("uploads/grant-png", "uploads/grant-png-again")
    return edits.json_body(r, pick, _data(blob_path="chat/s/conformance.png"))


@broken("UPL-05", because="the PUT is forbidden")
def put_is_forbidden(r: Recording) -> Recording:
    return edits.status(r, edits.named("uploads/put-png"), 403)


@broken("UPL-05", because="the PUT is 404")
def put_is_404(r: Recording) -> Recording:
    return edits.status(r, edits.named("attachments/put-3"), 404)


@lawful("UPL-01", "UPL-04", because="201, a size written as a float, further fields")
def created_grants(r: Recording) -> Recording:
    r = edits.json_body(r, _granted, _data(max_image_bytes=5242880.0, expires_at="2030-01-01T00:00:00Z"))
    return edits.status(r, _granted, 201)


@lawful("UPL-02", "UPL-03", because="422 and 415")
def other_refusals(r: Recording) -> Recording:
    r = edits.status(r, edits.named("uploads/refuse-no-type"), 422)
    return edits.status(r, edits.named("uploads/refuse-zip", "uploads/refuse-svg"), 415)


@lawful("UPL-05", because="the storage answers 200")
def put_is_200(r: Recording) -> Recording:
    return edits.status(r, lambda e: e.operation == "put-blob", 200)


@lawful("UPL-05", because="the storage's host cannot be reached from here", UPL_05="untested")
def storage_out_of_reach(r: Recording) -> Recording:
    return edits.edit(
        r, edits.named("uploads/put-*"), lambda e: replace(e, received=None, ending="no-answer", problem="ConnectError")
    )
