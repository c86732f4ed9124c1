"""However many post at once, no more messages are accepted than the budget has."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from conformance.transport.turns import TurnBudget, TurnsSpent, TurnTransport

URL = "http://target.test/public-api/chat/sessions/a/messages"


class Server:
    """Answers posts in turn with these statuses (0: the connection breaks), the last one again and again."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.accepted = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.01)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.accepted += status == 202
        if status == 0:
            raise httpx.RemoteProtocolError("gone", request=request)
        return httpx.Response(status)


async def _post(transport: TurnTransport, method: str = "POST") -> int | str:
    try:
        return (await transport.handle_async_request(httpx.Request(method, URL))).status_code
    except TurnsSpent as spent:
        return str(spent)
    except httpx.HTTPError:
        return 0


def posts(server: Server, budget: TurnBudget, count: int, method: str = "POST") -> list[int | str]:
    async def all_at_once() -> list[int | str]:
        transport = TurnTransport(httpx.MockTransport(server), budget)
        return await asyncio.gather(*(_post(transport, method) for _ in range(count)))

    return asyncio.run(all_at_once())


@pytest.mark.parametrize("most", [1, 3, 5])
def test_posts_at_once(most: int) -> None:
    server = Server(202)
    answers = posts(server, TurnBudget(most), 20)
    assert server.accepted == most
    assert answers.count(202) == most
    assert answers.count(f"the turn budget ({most}) is spent") == 20 - most


def test_what_is_refused_costs_nothing() -> None:
    server = Server(400, 409, 422, 202, 400, 202)
    answers = posts(server, TurnBudget(2), 12)
    assert server.accepted == 2
    assert {400, 409, 422} <= set(answers)


@pytest.mark.parametrize(("counts", "sent"), [(True, 2), (False, 5)])
def test_a_post_without_an_answer_may_have_started_one(counts: bool, sent: int) -> None:
    assert posts(Server(0), TurnBudget(2, count_doubtful=counts), 5).count(0) == sent


def test_reading_messages_is_no_turn() -> None:
    assert posts(Server(202), TurnBudget(1), 5, "GET") == [202] * 5
