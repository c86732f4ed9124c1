"""The classes of HTTP statuses (RFC 9110, 15) that the rules speak of. No answer at all is in none of them."""

from __future__ import annotations

from conformance.recording import Exchange


def successful(exchange: Exchange) -> bool:
    """2xx: what was asked for was done. Where only one of these is right, a rule says so itself."""
    return 200 <= exchange.status < 300


def client_error(exchange: Exchange) -> bool:
    """4xx: the request was refused, and nothing was done."""
    return 400 <= exchange.status < 500


def may_have_started_a_turn(exchange: Exchange) -> bool:
    """A post that was accepted, or was not answered, or failed when its turn may have been enqueued already."""
    return successful(exchange) or exchange.status == 0 or exchange.status >= 500
