"""Uploads and attachments, as far as they are open (M3, the upload-url page)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from redis.asyncio import Redis

from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.messages import Submission
from conformance.mock.policy import Policy
from conformance.mock.variants.registry import policy_variant, variant

policy_variant(
    "documents-granted", "types of documents", "The newer page's document types get a grant.", document_types=True
)
policy_variant(
    "documents-refused", "types of documents", "Only the four image types get a grant.", document_types=False
)
policy_variant(
    "upload-required",
    "M3 upload before use",
    "An attachment has to be uploaded before it is used.",
    require_upload=True,
)
policy_variant(
    "upload-not-checked",
    "M3 upload before use",
    "Whether an attachment was uploaded is not checked.",
    require_upload=False,
)
policy_variant(
    "mime-as-granted",
    "mime of an attachment",
    "An attachment's mime has to be the granted one.",
    attachment_mime="granted",
)
policy_variant("mime-not-checked", "mime of an attachment", "An attachment's mime may be any.", attachment_mime="any")


@variant("signature of an upload URL")
def signature_in_base64(server: Behaviour) -> Behaviour:
    """The signature in an upload URL has the signs + / and =, which the URL escapes."""
    signs = b"\xfb\xef\xff"

    async def grant_upload(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        data = await server.grant_upload(client, policy, session, given, origin)
        head, _, signature = data["upload_url"].partition("&sig=")
        signed = base64.b64encode(signs + bytes.fromhex(signature)).decode()
        return {**data, "upload_url": f"{head}&sig={quote(signed, safe='')}"}

    async def check_signature(client: Redis, path: str, expires: str, signature: str) -> Json:
        try:
            plain = base64.b64decode(signature, validate=True).removeprefix(signs).hex()
        except ValueError:
            plain = ""
        return await server.check_signature(client, path, expires, plain)

    return replace(server, grant_upload=grant_upload, check_signature=check_signature)


@variant("form of a blob_path")
def blob_path_as_an_address(server: Behaviour) -> Behaviour:
    """A blob_path is an address with a scheme, a blank and a letter beyond ASCII, and stays so in the replay."""
    scheme = "azblob://neo uploads/größe/"

    async def grant_upload(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        data = await server.grant_upload(client, policy, session, given, origin)
        return {**data, "blob_path": scheme + data["blob_path"]}

    async def read_submission(client: Redis, policy: Policy, session: str, given: Json) -> Submission:
        listed = given.get("attachments")
        if isinstance(listed, list):
            given = {**given, "attachments": [_with_path(one, _without(scheme, one)) for one in listed]}
        submission = await server.read_submission(client, policy, session, given)
        shown = [_with_path(one, scheme + one["blob_path"]) for one in submission.attachments]
        return replace(submission, attachments=shown)

    return replace(server, grant_upload=grant_upload, read_submission=read_submission)


def _without(scheme: str, attachment: Any) -> Any:
    path = attachment.get("blob_path") if isinstance(attachment, dict) else None
    # Without the scheme it is no path that was ever granted.
    return path if not isinstance(path, str) else path[len(scheme) :] if path.startswith(scheme) else f"no:{path}"


def _with_path(attachment: Any, path: Any) -> Any:
    if not isinstance(attachment, dict) or "blob_path" not in attachment:
        return attachment
    return {**attachment, "blob_path": path}
