"""What a hostile server may do, one harm a mode, and what has to become of the run."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tests.hostile.leaks import KEY, SIGNATURE, encodings
from tests.hostile.server import TURN, Call, Harm, frame, grant, politely, session, turn

FOR_EVER = 3600.0
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Mode:
    """``harm`` on the operation ``on`` (empty: on every one); ``journeys`` that meet it.

    ``outcomes``: requirement -> the outcome that it must have; ``never``: requirements that must not be passed.
    """

    harm: Callable[[Call], object]
    on: str
    journeys: frozenset[str]
    outcomes: Mapping[str, str]
    never: frozenset[str]
    unreachable: bool = False
    """Whether not even the first call gets an answer that can be read: then there is no verdict, and exit code 2."""

    def server(self) -> Harm:
        async def answer(call: Call) -> bool:
            if self.on and call.operation != self.on:
                return False
            await self.harm(call)  # type: ignore[misc]
            return True

        return answer


MODES: dict[str, Mode] = {}


def mode(
    on: str, *journeys: str, never: tuple[str, ...] = (), unreachable: bool = False, **outcomes: str
) -> Callable[[Callable[[Call], object]], Callable[[Call], object]]:
    """Register a mode under the name of its function; ``EVT_05="failed"`` says what must come out."""

    def register(harm: Callable[[Call], object]) -> Callable[[Call], object]:
        expected = {name.replace("_", "-"): outcome for name, outcome in outcomes.items()}
        name = harm.__name__.replace("_", "-")
        MODES[name] = Mode(harm, on, frozenset(journeys), expected, frozenset(never), unreachable)
        return harm

    return register


# -- time -----------------------------------------------------------------------------------------------------------------


@mode("", "sessions", unreachable=True)
async def never_answers(_call: Call) -> None:
    await asyncio.sleep(FOR_EVER)


@mode("create", "sessions", unreachable=True)
async def a_byte_a_second_of_headers(call: Call) -> None:
    for byte in b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n" * 100:
        await call.raw(bytes([byte]))
        await asyncio.sleep(0.3)


@mode("create", "sessions", unreachable=True)
async def endless_interim_answers(call: Call) -> None:
    while True:
        await call.raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 20)
        await asyncio.sleep(0.02)


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_body_that_drips(call: Call) -> None:
    await call.head("201 Created")
    while True:
        await call.raw(b" ")
        await asyncio.sleep(0.2)


@mode("tail", "dialogue", EVT_05="failed")
async def endless_heartbeats(call: Call) -> None:
    await call.stream(*TURN[:4])
    while True:
        await call.raw(b": still there\n\n")
        await asyncio.sleep(0.05)


@mode("tail", "dialogue", never=("EVT-05",))
async def a_flood_of_heartbeats(call: Call) -> None:
    await call.stream(*TURN[:4])
    while True:
        await call.raw(b": still there\n\n" * 1000)


@mode("tail", "dialogue", EVT_05="failed")
async def endless_deltas(call: Call) -> None:
    await call.stream(*TURN[:3])
    number = 10
    while True:
        await call.raw(frame(number, type="text-delta", id="t", delta="and on"))
        number += 1
        await asyncio.sleep(0.01)


@mode("tail", "dialogue", never=("EVT-05",))
async def a_flood_of_deltas(call: Call) -> None:
    await call.stream(*TURN[:3])
    number = 10
    while True:
        await call.raw(b"".join(frame(number + n, type="text-delta", id="t", delta="x") for n in range(500)))
        number += 500


@mode("tail", "dialogue", EVT_01="failed", EVT_05="failed")
async def headers_of_a_tail_that_never_come(_call: Call) -> None:
    await asyncio.sleep(FOR_EVER)


@mode("create", "sessions", RATE_02="failed")
async def retry_after_a_century(call: Call) -> None:
    await call.json("429 Too Many Requests", {"error": {}}, "Retry-After: 999999999")


@mode("create", "sessions", ERR_04="failed")
async def down_for_ever(call: Call) -> None:
    await call.json("503 Service Unavailable", {"error": {"code": "x", "message": "x"}, "meta": {"request_id": "r"}})


# -- size -----------------------------------------------------------------------------------------------------------------


@mode("create", "sessions", unreachable=True)
async def a_flood_of_header_fields(call: Call) -> None:
    await call.json("201 Created", session(), *(f"X-{n}: y" for n in range(3000)))


@mode("create", "sessions", unreachable=True)
async def a_header_field_without_end(call: Call) -> None:
    await call.raw(b"HTTP/1.1 201 Created\r\nX-Long: ")
    while True:
        await call.raw(b"y" * 65536)


@mode("create", "sessions")
async def a_flood_of_cookies(call: Call) -> None:
    await call.json("201 Created", session(), *(f"Set-Cookie: c{n}-{id(call)}={'y' * 100}" for n in range(300)))


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_body_without_end(call: Call) -> None:
    await call.head("201 Created")
    while True:
        await call.raw(b"y" * 65536)


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_body_of_a_gigabyte(call: Call) -> None:
    await call.head("201 Created", "Content-Length: 1073741824")
    while True:
        await call.raw(b'{"data": "' + b"y" * 65536)


def _bomb(layers: int) -> bytes:
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = b"".join([*(packed.compress(bytes(1 << 20)) for _ in range(256)), packed.flush()])
    for _ in range(layers - 1):
        content = gzip.compress(content, 9)
    return content


_BOMB, _NESTED = _bomb(1), _bomb(3)


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_gzip_bomb(call: Call) -> None:
    await call.whole("201 Created", _BOMB, "Content-Encoding: gzip")


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_gzip_bomb_in_a_gzip_bomb(call: Call) -> None:
    await call.whole("201 Created", _NESTED, "Content-Encoding: gzip, gzip, gzip")


@mode("tail", "dialogue", never=("EVT-05",))
async def a_gzip_bomb_as_a_stream(call: Call) -> None:
    await call.head("200 OK", "Content-Encoding: gzip", kind="text/event-stream")
    await call.raw(_BOMB)


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def no_gzip_at_all(call: Call) -> None:
    await call.whole("201 Created", json.dumps(session()).encode(), "Content-Encoding: gzip")


@mode("create", "sessions", ENV_01="failed")
async def an_unknown_coding(call: Call) -> None:
    await call.whole("201 Created", b"\x8b\x00\x80" * 10, "Content-Encoding: br")


@mode("tail", "dialogue", never=("EVT-05",))
async def a_line_without_end(call: Call) -> None:
    await call.stream(*TURN[:3])
    await call.raw(b"data: ")
    while True:
        await call.raw(b"y" * 65536)


@mode("tail", "dialogue", never=("EVT-05",))
async def a_million_empty_events(call: Call) -> None:
    await call.head(kind="text/event-stream")
    while True:
        await call.raw(b"data:\n\n" * 10_000)


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def chunks_of_one_byte(call: Call) -> None:
    await call.raw(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await call.raw(b"1\r\n[\r\n" * 5000)


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_chunk_of_an_absurd_size(call: Call) -> None:
    await call.raw(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}")


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def json_of_nothing_but_nodes(call: Call) -> None:
    await call.whole("201 Created", b"[" + b"[]," * 1_200_000 + b"[]]")


@mode("create", "sessions", ENV_01="failed")
async def deep_json(call: Call) -> None:
    await call.whole("201 Created", b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@mode("create", "sessions", never=("SES-03",))
async def json_as_deep_as_python_reads(call: Call) -> None:
    await call.whole("201 Created", b'{"data":' + b"[" * 900 + b"]" * 900 + b',"meta":{"request_id":"r"}}')


@mode("tail", "dialogue")
async def deep_json_in_a_frame(call: Call) -> None:
    deep = b'{"type":"data-x","data":' + b"[" * 900 + b"]" * 900 + b"}"
    await call.stream(*TURN[:3], b"id: 3-1\ndata: " + deep + b"\n\n", *TURN[3:])


@mode("create", "sessions", RATE_01="failed", SES_03="failed")
async def huge_numbers(call: Call) -> None:
    value = json.dumps(session()).replace("null", "9" * 100_000, 1).replace("null", "1e99999", 1)
    reset = f"X-RateLimit-Reset: {'9' * 400}"
    limit = f"X-RateLimit-Limit: {'9' * 5000}"
    await call.whole("201 Created", value.encode(), reset, limit, "X-RateLimit-Remaining: 1e999")


@mode("tail", "dialogue", EVT_01="passed")
async def huge_numbers_in_a_stream(call: Call) -> None:
    huge = b"id: " + b"9" * 5000 + b"-" + b"9" * 5000 + b"\nretry: " + b"9" * 5000
    await call.stream(huge + b'\ndata: {"type":"data-x","data":' + b"9" * 9000 + b"}\n\n", *TURN)


@mode("create", "sessions", "uploads")
async def an_id_of_a_megabyte(call: Call) -> None:
    await call.json("201 Created", session("y" * 1_000_000))


# -- broken HTTP and broken content ---------------------------------------------------------------------------------------


@mode("create", "sessions", unreachable=True)
async def a_reset_at_once(call: Call) -> None:
    call.reset()


@mode("create", "sessions", unreachable=True)
async def a_reset_in_the_headers(call: Call) -> None:
    await call.raw(b"HTTP/1.1 201 Created\r\nContent-Ty")
    await asyncio.sleep(0.02)
    call.reset()


@mode("create", "sessions", never=("SES-03", "ENV-01"))
async def a_reset_in_the_body(call: Call) -> None:
    await call.head("201 Created", "Content-Length: 500")
    await call.raw(b'{"data": {"id": "x"')
    await asyncio.sleep(0.02)
    call.reset()


@mode("tail", "dialogue", EVT_05="failed")
async def a_reset_in_a_frame(call: Call) -> None:
    await call.stream(*TURN[:4], b'id: 5-0\ndata: {"type": "text-de')
    await asyncio.sleep(0.02)
    call.reset()


@mode("create", "sessions", unreachable=True)
async def no_http_at_all(call: Call) -> None:
    await call.raw(b"SSH-2.0-OpenSSH_9.9\r\n\x00\x01\x02\x03" * 10)


@mode("create", "sessions", ERR_01="failed")
async def a_status_that_is_none(call: Call) -> None:
    await call.raw(b"HTTP/1.1 999 \x1b[31mred\x1b[0m\r\nContent-Length: 0\r\n\r\n")


@mode("create", "sessions", ENV_01="failed")
async def more_body_than_announced(call: Call) -> None:
    await call.head("201 Created", "Content-Length: 5")
    await call.raw(json.dumps(session()).encode() * 20)


@mode("create", "sessions")
async def less_body_than_announced(call: Call) -> None:
    await call.head("201 Created", "Content-Length: 100000")
    await call.raw(json.dumps(session()).encode())


@mode("create", "sessions", ENV_01="failed")
async def bad_utf_8(call: Call) -> None:
    await call.whole("201 Created", b'{"data": {"id": "\xff\xfe\xc3\x28"}, "meta": {"request_id": "r"}}')


@mode("tail", "dialogue")
async def bad_utf_8_in_a_stream(call: Call) -> None:
    await call.stream(
        *TURN[:3], b'id: \xff\xfe\ndata: {"type": "text-delta", "id": "t", "delta": "\xc3\x28"}\n\n', *TURN[3:]
    )


@mode("create", "sessions", ENV_01="failed")
async def not_a_number(call: Call) -> None:
    await call.whole(
        "201 Created", b'{"data": {"id": "x", "title": NaN}, "meta": {"request_id": "r", "timings_ms": Infinity}}'
    )


@mode("tail", "dialogue", EVT_03="failed")
async def not_a_number_in_a_frame(call: Call) -> None:
    await call.stream(*TURN[:3], b'id: 3-1\ndata: {"type": "data-x", "data": NaN}\n\n', *TURN[3:])


@mode("create", "sessions", SES_03="failed")
async def duplicate_keys(call: Call) -> None:
    text = json.dumps(session())
    await call.whole("201 Created", (text[:-1] + ', "data": {"id": "other"}, "data": 7}').encode())


@mode("create", "sessions")
async def half_surrogate_pairs(call: Call) -> None:
    await call.whole("201 Created", json.dumps(session("\ud800/../\udfff")).encode())


@mode("create", "sessions", "uploads", "dialogue", SES_03="failed")
async def a_page_of_html(call: Call) -> None:
    await call.whole("200 OK", b"<html><script>alert(1)</script></html>", kind="text/html")


@mode("tail", "dialogue", EVT_01="failed")
async def a_page_of_html_for_a_stream(call: Call) -> None:
    await call.whole("200 OK", b"<html>\n\ndata: x\n\n</html>" * 100, kind="text/html")


# -- where requests are led -----------------------------------------------------------------------------------------------


@mode("", "sessions", "uploads")
async def a_redirect_to_itself(call: Call) -> None:
    await call.whole("307 Temporary Redirect", b"", f"Location: {call.base_url}{call.path}")


@mode("", "sessions", "uploads")
async def a_redirect_to_another_host(call: Call) -> None:
    await call.whole("302 Found", b"", f"Location: http://127.0.0.2:{call.base_url.rpartition(':')[2]}{call.path}")


def _leads(url: str) -> Callable[[Call], object]:
    async def harm(call: Call) -> None:
        await call.json("200 OK", grant(url.replace("PORT", call.base_url.rpartition(":")[2])))

    return harm


for _name, _url in {
    "the-metadata-service": "https://169.254.169.254/latest/meta-data?sig=0123456789abcdef",
    "the-metadata-service-in-ipv6": "https://[::ffff:169.254.169.254]/latest/meta-data",
    "a-file": "file:///etc/passwd",
    "plain-http-elsewhere": "http://192.0.2.7/blob",
    "an-address-with-credentials": "http://user:word@127.0.0.1:PORT/blob",
}.items():
    MODES[f"an-upload-to-{_name}"] = Mode(_leads(_url), "grant", frozenset({"uploads"}), NOTHING, frozenset({"UPL-05"}))


# -- secrets, and text that is an attack -----------------------------------------------------------------------------------


@mode("", "sessions", "uploads", ERR_05="failed")
async def the_key_in_every_encoding(call: Call) -> None:
    given = call.authorization.removeprefix("Bearer ") or KEY
    echo = dict(encodings(given))
    fields = [f"X-Echo-{n}: {text}" for n, text in enumerate(echo.values())]
    text = "".join(f', "{name}": "{value}"' for name, value in echo.items() if "\\_" not in value)
    body = (
        '{"error": {"code": "no", "message": "Traceback (most recent call last)"'
        + text
        + '}, "meta": {"request_id": "r"}}'
    )
    await call.whole("401 Unauthorized" if call.operation != "create" else "500 Oops", body.encode(), *fields)


@mode("tail", "dialogue")
async def the_key_in_a_stream(call: Call) -> None:
    echoes = [frame(10 + n, type="text-delta", id="t", delta=text) for n, (_, text) in enumerate(encodings(KEY))]
    split = [
        frame(100 + 2 * at + half, type="text-delta", id="t", delta=(KEY[:at], KEY[at:])[half])
        for at in range(13, 34, 4)
        for half in (0, 1)
    ]
    await call.stream(*TURN[:3], *echoes, *split, *TURN[5:])


@mode("grant", "uploads", UPL_05="passed")
async def a_signature_in_every_answer(call: Call) -> None:
    url = f"{call.base_url}/blob/x?se=1&sig={SIGNATURE}&sp=cw"
    await call.json("200 OK", grant(url), f"Location: {url}", f"X-Signature: {SIGNATURE}")


EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e$(touch /tmp/owned)`id`'\"; $NEO_API_KEY \r\n\u2028"


@mode("", "sessions", "uploads", ERR_04="failed")
async def text_that_drives_a_terminal(call: Call) -> None:
    answer = {"error": {"code": EVIL, "message": EVIL}, "meta": {"request_id": EVIL}}
    await call.json("500 Internal", answer, f"X-Evil: {EVIL.encode('ascii', 'ignore').decode().strip()[:20]!r}")


@mode("post", "dialogue")
async def a_cursor_that_is_a_command(call: Call) -> None:
    await call.json("202 Accepted", turn(EVIL))


@mode("tail", "dialogue", EVT_03="failed")
async def ids_that_are_commands(call: Call) -> None:
    evil = EVIL.replace("\r\n", "").replace("\u2028", "")
    await call.stream(*TURN[:2], f"id: {evil}\ndata: {json.dumps({'type': evil})}\n\n".encode(), *TURN[2:7])


@mode("create", "sessions", "uploads")
async def an_id_that_is_a_path(call: Call) -> None:
    await call.json("201 Created", session("../../../../etc/passwd?x=1#y"))


@mode("post", "dialogue")
async def every_message_starts_a_turn(call: Call) -> None:
    await politely(call)
