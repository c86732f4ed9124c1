"""Upload grants and the PUT that uses one (UPL)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from redis.asyncio import Redis

from conformance.mock.answers import ApiError
from conformance.mock.behaviour import Behaviour, Json
from conformance.mock.faults.registry import fault
from conformance.mock.grants import IMAGE_TYPES
from conformance.mock.policy import Policy

GRANTED = Callable[[Json, Json], Json]


def _asked(server: Behaviour, read: Callable[[Json, Policy], Json]) -> Behaviour:
    """The body of a request for a grant is read otherwise."""

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        return await server.grant_upload(client, policy, session, read(given, policy), origin)

    return replace(server, grant_upload=grant)


def _granted(server: Behaviour, change: GRANTED) -> Behaviour:
    """The grant that is answered is another one than the grant that is kept; ``change`` gets both bodies."""

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        return change(given, await server.grant_upload(client, policy, session, given, origin))

    return replace(server, grant_upload=grant)


@fault("UPL-01", mistake="the list of types was written before WebP was common")
def webp_refused(server: Behaviour) -> Behaviour:
    """image/webp gets no grant."""

    def read(given: Json, policy: Policy) -> Json:
        if given.get("content_type") == "image/webp":
            raise ApiError(policy.invalid_status, "validation_error", "content_type is not a type of image.")
        return given

    return _asked(server, read)


@fault("UPL-01", mistake="filename: str in the request model, without a default")
def filename_required(server: Behaviour) -> Behaviour:
    """A request without a file name gets no grant."""

    def read(given: Json, policy: Policy) -> Json:
        if given.get("filename") is None:
            raise ApiError(policy.invalid_status, "validation_error", "filename is required.")
        return given

    return _asked(server, read)


@fault("UPL-01", mistake="the setting comes from the environment, where it is text")
def size_as_text(server: Behaviour) -> Behaviour:
    """max_image_bytes is a string."""
    return _granted(server, lambda _, grant: {**grant, "max_image_bytes": str(grant["max_image_bytes"])})


@fault("UPL-01", mistake="a missing setting is 0, which the code elsewhere takes for 'no limit'")
def size_of_zero_for_gif(server: Behaviour) -> Behaviour:
    """max_image_bytes is 0 for a GIF."""

    def change(given: Json, grant: Json) -> Json:
        return {**grant, "max_image_bytes": 0} if given["content_type"] == "image/gif" else grant

    return _granted(server, change)


@fault("UPL-01", mistake="the address is put together without the account's host")
def upload_url_without_host(server: Behaviour) -> Behaviour:
    """upload_url is a path with a query."""
    return _granted(server, lambda _, grant: {**grant, "upload_url": "/" + grant["upload_url"].split("/", 3)[3]})


@fault("UPL-02", mistake="a default in the request model: content_type: str = 'image/png'")
def type_by_default(server: Behaviour) -> Behaviour:
    """A request without content_type gets a grant for a PNG."""
    return _asked(server, lambda given, _: {"content_type": "image/png", **given})


@fault("UPL-02", mistake="mimetypes.guess_type(filename) where no type is given")
def type_by_filename(server: Behaviour) -> Behaviour:
    """A request without content_type gets a grant for the type that its file name suggests."""

    def read(given: Json, _: Policy) -> Json:
        guessed = isinstance(given.get("filename"), str) and given["filename"].endswith(".png")
        return {"content_type": "image/png", **given} if guessed else given

    return _asked(server, read)


def _any_type(server: Behaviour, passes: Callable[[str], bool]) -> Behaviour:
    """Types that pass are granted as PNGs are, and the answer names the type that was asked for."""

    def other(given: Json) -> bool:
        kind = given.get("content_type")
        return isinstance(kind, str) and kind not in IMAGE_TYPES and passes(kind)

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        if not other(given):
            return await server.grant_upload(client, policy, session, given, origin)
        as_png = {**given, "content_type": "image/png"}
        granted = await server.grant_upload(client, policy, session, as_png, origin)
        return {**granted, "mime": given["content_type"]}

    return replace(server, grant_upload=grant)


@fault("UPL-03", mistake="the check is startswith('image/')")
def any_image_granted(server: Behaviour) -> Behaviour:
    """Every type that begins with image/ gets a grant."""
    return _any_type(server, lambda kind: kind.startswith("image/"))


@fault("UPL-03", mistake="the storage takes everything, and the API asks nothing")
def any_type_granted(server: Behaviour) -> Behaviour:
    """Every type gets a grant, also a word that is none."""
    return _any_type(server, lambda _: True)


@fault("UPL-03", mistake="'if content_type and content_type not in TYPES': an empty one is not looked at")
def empty_type_granted(server: Behaviour) -> Behaviour:
    """An empty content_type gets a grant."""
    return _any_type(server, lambda kind: kind == "")


@fault("UPL-04", mistake="the type is guessed from the file name, with a PNG as the fallback")
def mime_is_always_png(server: Behaviour) -> Behaviour:
    """mime is image/png, whatever was asked for."""
    return _granted(server, lambda _, grant: {**grant, "mime": "image/png"})


@fault("UPL-04", mistake="a table from extensions to types, written by hand: .jpg is image/jpg")
def jpeg_as_jpg(server: Behaviour) -> Behaviour:
    """mime is image/jpg where image/jpeg was asked for."""

    def change(_: Json, grant: Json) -> Json:
        return {**grant, "mime": "image/jpg"} if grant["mime"] == "image/jpeg" else grant

    return _granted(server, change)


@fault("UPL-04", mistake="the blob is named by session, type and file name, so that equal names share it")
def blob_path_by_filename(server: Behaviour) -> Behaviour:
    """Two grants of one session for the same type and file name have one blob_path."""
    kept: dict[tuple[str, str], Json] = {}

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        granted = await server.grant_upload(client, policy, session, given, origin)
        name = hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()
        return kept.setdefault((session, name), granted)

    return replace(server, grant_upload=grant)


@fault("UPL-04", mistake="the signed address is cached by type, and not by blob")
def upload_url_shared(server: Behaviour) -> Behaviour:
    """Grants of one session for one type have paths of their own and one upload_url, that of the first."""
    kept: dict[tuple[str, str], str] = {}

    async def grant(client: Redis, policy: Policy, session: str, given: Json, origin: str) -> Json:
        granted = await server.grant_upload(client, policy, session, given, origin)
        url = kept.setdefault((session, granted["mime"]), granted["upload_url"])
        return {**granted, "upload_url": url}

    # What an attachment needs is not the matter here, so that no upload is asked for.
    return replace(server, grant_upload=grant, policy=server.policy.with_fields({"require_upload": False}))


@fault("UPL-05", mistake="the signature covers the type, and the code signs it in another spelling for JPEG")
def put_of_a_jpeg_refused(server: Behaviour) -> Behaviour:
    """The PUT of a JPEG is answered 403."""

    async def check(client: Redis, path: str, expires: str, signature: str) -> Json:
        grant = await server.check_signature(client, path, expires, signature)
        if grant["mime"] == "image/jpeg":
            raise ApiError(403, "AuthenticationFailed", "The signature does not allow this.")
        return grant

    return replace(server, check_signature=check)


@fault("UPL-05", mistake="the SAS begins at the server's own clock, which is ahead of the storage's")
def put_refused_at_once(server: Behaviour) -> Behaviour:
    """Every PUT is answered 403, for the grant is not in force yet."""

    async def check(client: Redis, path: str, expires: str, signature: str) -> Json:
        await server.check_signature(client, path, expires, signature)
        raise ApiError(403, "AuthenticationFailed", "The signature is not valid in the specified time frame.")

    return replace(server, check_signature=check)


@fault(
    "ATT-01", "ATT-03", "ATT-05", mistake="the storage confirms, and the event that marks the blob as there gets lost"
)
def put_stores_nothing(server: Behaviour) -> Behaviour:
    """A PUT is answered 201 and stores nothing, so that a message with the blob is refused as not uploaded."""

    async def record(_client: Redis, _path: str, _grant: Json, _body: bytes) -> None:
        return None

    return replace(server, record_upload=record, policy=server.policy.with_fields({"require_upload": True}))


@fault("ATT-01", "ATT-03", mistake="a listener per type, and the one for WebP was never registered")
def put_of_a_webp_stores_nothing(server: Behaviour) -> Behaviour:
    """A PUT of a WebP is answered 201 and stores nothing, so that a message with the blob is refused."""

    async def record(client: Redis, path: str, grant: Json, body: bytes) -> None:
        if grant["mime"] != "image/webp":
            await server.record_upload(client, path, grant, body)

    return replace(server, record_upload=record, policy=server.policy.with_fields({"require_upload": True}))


@fault("UPL-04", mistake="the path is a template with the file name at its end, and nobody takes the folders out of it")
def path_climbs_by_the_file_name(server: Behaviour) -> Behaviour:
    """The folders of a file name are in the blob_path, those above included."""

    def change(given: Json, granted: Json) -> Json:
        name = given.get("filename")
        folder, _, last = granted["blob_path"].rpartition("/")
        climbs = isinstance(name, str) and ".." in name
        return {**granted, "blob_path": f"{folder}/{last}/{name}"} if climbs else granted

    return _granted(server, change)
