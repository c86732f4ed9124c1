"""What outside readers found of answers, errors and credentials: lawful servers that failed, broken ones that passed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.recording import CHAT_OPERATIONS, Exchange, Recording
from tests.judges import edits
from tests.judges.cases import broken, lawful
from tests.judges.request_ids import answer_each

FOREIGN = edits.named("strangers/foreign-1/*", "strangers/foreign-2/*")
STRANGE = edits.named("strangers/foreign*", "strangers/missing-*")


def _each_header(r: Recording, name: str, value: Callable[[], str | None]) -> Recording:
    def apply(exchange: Exchange) -> Exchange:
        return edits.header(replace(r, exchanges=(exchange,)), edits.every, name, value()).exchanges[0]

    return edits.edit(r, lambda e: e.received is not None and e.operation in CHAT_OPERATIONS, apply)


@lawful("AUTH-03", because="two instances take turns, and each names itself in a header")
def instances_in_turns(r: Recording) -> Recording:
    names = itertools.cycle(("alpha", "beta"))
    return _each_header(r, "X-Pod", lambda: next(names))


@lawful("AUTH-03", because="one of three instances has a header of its own")
def one_instance_of_three(r: Recording) -> Recording:
    names = itertools.cycle((None, "true", None))
    return _each_header(r, "X-Canary", lambda: next(names))


@lawful("AUTH-03", because="errors name the instance that made them in their details")
def instances_in_errors(r: Recording) -> Recording:
    names = itertools.cycle(("alpha", "beta", "gamma"))

    def change(body: Any) -> None:
        body["error"]["details"] = {"instance": next(names)}

    return edits.json_body(r, lambda e: STRANGE(e) and e.status == 404 and edits.answered_json(e), change)


@broken("AUTH-03", because="a header tells another tenant's session, beside one that names the instance")
def owner_beside_an_instance(r: Recording) -> Recording:
    return edits.header(instances_in_turns(r), FOREIGN, "X-Owner", "tenant-a")


@broken(
    "AUTH-03", because="an id that the session of another tenant knows is a conflict before the tenant is looked at"
)
def known_id_of_another_tenant(r: Recording) -> Recording:
    return edits.answer(r, edits.named("strangers/foreign-turns/known-id"), 409, edits.error(409))


@broken("AUTH-03", because="a bad body is a conflict where the session of another tenant knows its id")
def known_id_in_a_bad_body(r: Recording) -> Recording:
    return answer_each(r, edits.named("strangers/foreign-bad-known-id-*"), 409, edits.error(409))


@broken("AUTH-01", because="without a credential an unknown session is 404")
def unknown_session_before_credential(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-none-nowhere/tail-events"), 404)


@broken("AUTH-01", because="words behind the key do not count")
def words_behind_the_key(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-own-key-extra/create-session"), 201)


@broken("AUTH-01", because="the key is compared without regard to case")
def key_in_any_case(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/bad-own-key-case/list-messages"), 200)


@broken("ERR-02", because="a tail of an unknown session from a cursor is an empty stream")
def unknown_session_resumed(r: Recording) -> Recording:
    return edits.status(r, edits.named("strangers/missing-1/tail-events/since"), 200)


@lawful("ERR-02", because="a cursor of another form is refused before its session is looked up")
def cursor_before_session(r: Recording) -> Recording:
    return answer_each(r, edits.named("strangers/missing-1/tail-events/*"), 400, edits.error(400))


@lawful("ERR-02", because="a uuid of another version is malformed")
def another_version(r: Recording) -> Recording:
    pick = edits.named("strangers/missing-*")
    asked = "6f1c7a52-6d0e-4b7c-9a51-2b8f0c6d1e94"
    renamed = edits.facts(r, pick, session="01932f6a-7d0e-7b7c-9a51-2b8f0c6d1e94", asked=asked)
    return answer_each(renamed, pick, 422, edits.error(422))


@lawful("ERR-02", because="a number that 63 bits do not hold is malformed")
def number_out_of_range(r: Recording) -> Recording:
    pick = edits.named("strangers/missing-*")
    renamed = edits.facts(r, pick, session="7265391048273920001", asked="9965391048273920001")
    return answer_each(renamed, pick, 422, edits.error(422))


@broken("ERR-02", because="a neighbour of a real number is malformed")
def neighbour_is_malformed(r: Recording) -> Recording:
    pick = edits.named("strangers/missing-*")
    renamed = edits.facts(r, pick, session="7265391048273920001", asked="7265391048273129455")
    return answer_each(renamed, pick, 422, edits.error(422))


@broken("ERR-01", because="a path that is no route gets the framework's own form")
def unknown_path(r: Recording) -> Recording:
    return edits.json_body(r, edits.named("strangers/no-route-no-path"), lambda _: {"detail": "Not Found"})


@lawful("ERR-01", "ERR-04", "RATE-01", because="a gateway answers what is no route by itself")
def gateway_knows_the_routes(r: Recording) -> Recording:
    pick = edits.named("strangers/no-route-*")
    page = edits.body(edits.status(r, pick, 404), pick, b"<html>404</html>", "text/html")
    return edits.header(page, pick, "X-RateLimit-Limit", None)


@lawful(
    "ERR-01", "ERR-04", "RATE-01", "ENV-01", because="a firewall refuses what looks like an attack, in its own form"
)
def firewall(r: Recording) -> Recording:
    def odd(exchange: Exchange) -> bool:
        return bool(exchange.facts.get("odd_body")) and 400 <= exchange.status < 500

    return edits.body(edits.status(r, odd, 403), odd, b"<html>blocked</html>", "text/html")


@lawful("ERR-04", because="a large body is cut off while it is sent")
def large_body_is_cut_off(r: Recording) -> Recording:
    def cut(exchange: Exchange) -> Exchange:
        return replace(exchange, received=None, ending="no-answer", problem="WriteError: Connection reset by peer")

    return edits.edit(r, edits.named("refusals/refuse-text-megabyte"), cut)


@lawful("RATE-01", because="a gateway writes the policy behind the limit")
def limit_with_its_policy(r: Recording) -> Recording:
    return edits.header(r, edits.answered_json, "X-RateLimit-Limit", "1200, 1200;w=60")


@broken("RATE-01", because="the limit is a word before its number")
def limit_in_words(r: Recording) -> Recording:
    return edits.header(r, edits.answered_json, "X-RateLimit-Limit", "tenant 1200")


@broken("UPL-04", because="the folders of a file name are in the path")
def path_climbs(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["data"]["blob_path"] += "/../../x.png"

    return edits.json_body(r, edits.named("uploads/refuse-filename-folders"), change)


@lawful("UPL-04", because="a file name's signs are in the path, but its folders are not")
def path_has_the_name(r: Recording) -> Recording:
    def change(body: Any) -> None:
        body["data"]["blob_path"] += "-..-..-x.png"

    return edits.json_body(r, edits.named("uploads/refuse-filename-folders"), change)


def _attempts_before(r: Recording, change: Callable[[Exchange], Exchange]) -> Recording:
    """Each request had one attempt more before it, which said nothing."""

    def before(exchange: Exchange) -> Exchange:
        kept = {key: exchange.facts[key] for key in ("session",) if key in exchange.facts}
        earlier = replace(exchange, sent_at=exchange.sent_at - 0.002, answered_at=exchange.sent_at - 0.001)
        earlier = replace(earlier, ended_at=earlier.answered_at, facts={**kept, "outage": True})
        return change(replace(earlier, step=f"{exchange.step}/outage-1"))

    wanted = [e for e in r.exchanges if e.received is not None and e.journey not in ("cursors", "idle")]
    return replace(r, exchanges=tuple(sorted((*r.exchanges, *map(before, wanted)), key=lambda e: e.sent_at)))


@lawful(because="every request met an outage at its first attempt")
def outage_before_each(r: Recording) -> Recording:
    def gone(exchange: Exchange) -> Exchange:
        page = replace(r, exchanges=(exchange,))
        return edits.body(
            edits.status(page, edits.every, 503), edits.every, b"<html>503</html>", "text/html"
        ).exchanges[0]

    return _attempts_before(r, gone)


@lawful(because="every connection was dropped at the first attempt")
def drop_before_each(r: Recording) -> Recording:
    def dropped(exchange: Exchange) -> Exchange:
        return replace(exchange, received=None, ending="no-answer", problem="RemoteProtocolError: Server disconnected")

    return _attempts_before(r, dropped)


@lawful(because="the key expires in the middle of the run, and the tails that are open go on")
def key_expires(r: Recording) -> Recording:
    moments = sorted(e.sent_at for e in r.exchanges)[len(r.exchanges) // 2 :]
    # A tail that was open must not show the turns of messages that are refused from then on.
    middle = next(moment for moment in moments if not _shows_a_later_turn(r, moment))

    def late(exchange: Exchange) -> bool:
        own = exchange.credential == "own" and exchange.operation in CHAT_OPERATIONS
        return own and exchange.sent_at > middle and exchange.received is not None

    no_more_tails = edits.drop(r, lambda e: late(e) and e.operation == "tail-events")
    return answer_each(no_more_tails, late, 401, edits.error(401, "unauthorized"))


def _shows_a_later_turn(r: Recording, moment: float) -> bool:
    posts = [e for e in r.exchanges if e.operation == "append-message" and e.status == 202 and e.sent_at > moment]
    tails = [e for e in r.exchanges if e.operation == "tail-events" and e.sent_at <= moment]
    return any(
        tail.facts.get("session") == post.facts.get("session") and tail.ended_at > post.sent_at
        for tail in tails
        for post in posts
    )


@lawful("ACC-01", because="a key is busy as a whole while another session of its has a turn")
def busy_for_the_key(r: Recording) -> Recording:
    pick, other = edits.named("dialogue/turn-2/post"), r.get("attachments", "turn-1/post")
    assert other is not None
    at = other.answered_at
    meanwhile = edits.edit(r, pick, lambda e: replace(e, sent_at=at, answered_at=at + 0.01, ended_at=at + 0.01))
    return edits.facts(answer_each(meanwhile, pick, 409, edits.error(409)), pick, gave_up=True)


@broken("AUTH-03", because="the cursor of a page leads to the session that it was given for, whoever has it")
def page_cursor_names_its_session(r: Recording) -> Recording:
    own = r.get("strangers", "foreign-page/own")
    assert own is not None
    post = next(e for e in r.exchanges if e.status == 202 and e.facts.get("session") == own.facts["session"])
    body = {"data": [{"id": post.data["user_message_id"]}], "meta": {"request_id": "r"}}
    return edits.answer(r, edits.named("strangers/foreign-page/other"), 200, body)


@lawful("AUTH-03", because="a page's cursor is a number, and means the same place in any session")
def page_cursor_is_a_number(r: Recording) -> Recording:
    body = {"data": [], "meta": {"request_id": "8b1f6f0a-3a51-4a66-9c6f-1c8f6b7d2e10"}}
    return edits.answer(r, edits.named("strangers/foreign-page/other"), 200, body)
