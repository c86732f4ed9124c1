"""Any two variants that do not contradict each other are one server, in whatever order they are attached."""

from __future__ import annotations

import asyncio
import itertools
import random
from urllib.parse import quote

import httpx
import pytest
from starlette.types import Message

from conformance.mock.accounts import FIRST_MOCK_KEY
from conformance.mock.app import build_app
from conformance.mock.assembly import behaviour_of
from conformance.mock.behaviour import STAGES, Behaviour, Layer
from conformance.mock.settings import RateLimit, Settings
from conformance.mock.variants import all_variants
from conformance.mock.variants.combinations import contradict

VARIANTS = all_variants()
NOT_AT_ONCE = (429, 503)
"""What some variants answer now and then; the request is sent again."""
LAYERED = sorted(name for name, one in VARIANTS.items() if one.attach(Behaviour().with_policy(one.policy)).layers)
PAIRS = [pair for pair in itertools.permutations(LAYERED, 2) if not contradict(VARIANTS[pair[0]], VARIANTS[pair[1]])]
SAMPLE = random.Random(20261123).sample(PAIRS, 60)


async def _wrong(names: tuple[str, ...]) -> list[str]:
    """The answers of such a server that are not what each variant by itself would give."""
    settings = Settings(turn_seconds=0, rate=RateLimit(1_000_000), variants=names)
    stopping, begun = asyncio.Event(), asyncio.Event()
    app = build_app(settings, behaviour_of(settings), stopping)
    orders: asyncio.Queue[Message] = asyncio.Queue()

    async def said(message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            begun.set()

    async def live() -> None:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, orders.get, said)

    life = asyncio.create_task(live())
    orders.put_nowait({"type": "lifespan.startup"})
    await begun.wait()
    wrong: list[str] = []
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
    headers = {"authorization": f"Bearer {FIRST_MOCK_KEY}", "accept-encoding": "gzip"}
    async with httpx.AsyncClient(transport=transport, base_url="http://mock/public-api", headers=headers) as client:

        async def asked(method: str, path: str, body: object, *good: int) -> httpx.Response:
            for _ in range(4):
                answer = await client.request(method, "/chat/sessions" + path, json=body)
                if answer.status_code not in NOT_AT_ONCE:
                    break
            if answer.status_code not in good:
                wrong.append(f"{method} {path}: {answer.status_code}")
            assert isinstance(answer.json(), dict)
            return answer

        created = await asked("POST", "", {"agent_id": 7}, 200, 201)
        one = "/" + quote(f"{created.json()['data']['id']}".removesuffix(".0"), safe="")
        await asked("POST", one + "/messages", {"message": "x", "client_message_id": "1"}, 202)
        await asked("POST", one + "/messages", {"message": "x", "client_message_id": "1"}, 409)
        await asked("POST", one + "/messages", {"message": 7}, 400, 422)
        await asked("GET", one + "/messages", None, 200)
        await asked("GET", "/no-such-session/messages", None, 404, 422)
    stopping.set()
    orders.put_nowait({"type": "lifespan.shutdown"})
    await asyncio.wait_for(life, 10)
    return wrong


@pytest.mark.parametrize(
    "names",
    [
        ("json-compressed", "session-ids-snowflake"),
        ("json-pretty", "session-ids-snowflake"),
        ("json-of-escapes", "message-ids-within-a-session"),
        ("json-in-chunks", "json-compressed", "json-pretty", "session-ids-ulid"),
    ],
    ids="+".join,
)
def test_what_reads_an_answer_is_within_what_rewrites_it(names: tuple[str, ...]) -> None:
    assert asyncio.run(_wrong(names)) == []
    assert asyncio.run(_wrong(names[::-1])) == []


def test_pairs_are_servers() -> None:
    """A sample of those with layers, in an order of chance; all pairs are 16,000."""
    found = {names: wrong for names in SAMPLE if (wrong := asyncio.run(_wrong(names)))}
    assert found == {}


def test_layers_are_in_the_order_of_their_stages_however_they_came() -> None:
    def layer() -> Layer:
        return lambda app: app

    layers = {stage: layer() for stage in STAGES}
    server = Behaviour()
    for stage in reversed(STAGES):
        server = server.with_layer(layers[stage], stage)
    assert server.in_order() == [layers[stage] for stage in STAGES]
