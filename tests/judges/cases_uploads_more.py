"""More cases of UPL: what an upload URL is for."""

from __future__ import annotations

from typing import Any

from conformance.recording import Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful


def _granted(exchange: Exchange) -> bool:
    return exchange.operation == "request-upload-url" and exchange.status == 200


@broken("UPL-04", because="one upload URL is given for two paths")
def one_url_for_two_paths(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["data"]["upload_url"] = "https://storage.example/container?sig=1"

    return edits.json_body(r, edits.named("uploads/grant-png", "uploads/grant-png-again"), change)


@lawful("UPL-04", "UPL-05", because="upload URLs differ in their signature alone, which names the blob")
def urls_that_differ_in_the_signature(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["data"]["upload_url"] = f"https://storage.example/u?sig={hash(body['data']['blob_path']):x}"

    return edits.json_body(r, _granted, change)
