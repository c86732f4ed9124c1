"""The bound of turns holds for all workers together, also for those that die."""

from __future__ import annotations

from conformance.load.ledger import TurnLedger, TurnPurse


def test_no_more_is_granted_than_there_is() -> None:
    ledger = TurnLedger(10)
    assert [ledger.grant(4) for _ in range(4)] == [4, 4, 0, 0]
    assert ledger.grant(2) == 2
    assert ledger.grant(1) == 0


def test_without_a_bound_all_is_granted() -> None:
    ledger = TurnLedger(None)
    assert [ledger.grant(1_000_000) for _ in range(3)] == [1_000_000] * 3


def test_a_purse_gives_what_it_has() -> None:
    purse = TurnPurse()
    assert not purse.take(1)
    purse.put(5)
    assert purse.take(3)
    assert not purse.take(3)
    assert purse.take(2)
