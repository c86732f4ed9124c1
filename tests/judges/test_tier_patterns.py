"""How servers go wrong with a tier, and what names a tier, turn by turn: samples written by hand."""

from __future__ import annotations

import pytest

from conformance.judging.tier_departures import departing, in_words, judges_attachments
from conformance.judging.tier_evidence import PATTERNS, Evidence, Sample, contexts, explained, find, served

PLAN = "F o S o F S S o F o"
"""FAST, omitted, SMART, …: the tiers that were asked for in one session."""

SERVED = {
    "FAST unless SMART is asked for": "F F S F F S S F F F",
    "SMART when omitted": "F S S S F S S S F S",
    "SMART when omitted as the first": "F F S F F S S F F F",
    "SMART when omitted later": "F S S S F S S S F S",
    "SMART when omitted directly after SMART": "F F S S F S S S F F",
    "SMART when omitted and last named": "F F S S F S S S F F",
    "SMART when omitted once it was asked for": "F F S S F S S S F S",
    "SMART when omitted and it was not asked for": "F S S F F S S F F F",
    "SMART when omitted after a turn of FAST": "F S S F F S S F F S",
    "SMART for one turn more": "F F S S F S S S F F",
    "SMART for ever": "F F S S S S S S S S",
    "SMART for ever, or when omitted": "F S S S S S S S S S",
    "SMART for one turn more, or when omitted": "F S S S F S S S F S",
    "SMART when FAST directly follows it": "F F S F F S S F F F",
    "SMART for ever after the second": "F F S F F S S S S S",
    "SMART when omitted after the second": "F F S F F S S S F S",
}
"""What a server of each kind serves in that plan."""

TIERS = {"F": "FAST", "S": "SMART", "o": None}


def samples(plan: str, shown: str = "", *, path: str = "202.model", session: str = "s", first: int = 1) -> list[Sample]:
    """A session: the tiers asked for, and the value that each turn shows on the path (``-``: none)."""
    asked, values = plan.split(), shown.split() or ["-"] * len(plan.split())
    return [
        Sample(
            name=f"{session}-{number}",
            session=session,
            number=number,
            at=float(number),
            tier=TIERS[tier[0]],
            plain=not tier.endswith("a"),
            shown={} if value == "-" else {path: (value,)},
        )
        for number, (tier, value) in enumerate(zip(asked, values, strict=True), first)
    ]


@pytest.mark.parametrize("name", PATTERNS)
def test_each_kind_of_server_serves_as_its_name_says(name: str) -> None:
    turns = contexts(samples(PLAN))
    served_so = ["S" if one.asked == "SMART" or PATTERNS[name](one) else "F" for one in turns]
    assert " ".join(served_so) == SERVED[name]


def test_the_kinds_that_this_plan_does_not_tell_apart() -> None:
    def kinds(plan: str) -> set[str]:
        return {name for name, pattern in PATTERNS.items() if pattern(contexts(samples(plan))[-1])}

    assert "SMART when omitted as the first" in kinds("o")
    assert "SMART when omitted later" not in kinds("o")
    assert kinds("S F") >= {"SMART when FAST directly follows it", "SMART for one turn more", "SMART for ever"}
    assert "SMART when FAST directly follows it" not in kinds("S o")
    assert "SMART when omitted and last named" in kinds("S o o")
    assert "SMART when omitted directly after SMART" not in kinds("S o o")


# --- evidence ---------------------------------------------------------------------------------------------------------

ALTERNATING = "F F S F S S F"


@pytest.mark.parametrize(
    ("plan", "shown", "is_evidence"),
    [
        (ALTERNATING, "q q d q d d q", True),
        (ALTERNATING, "q q d q d d d", True),  # what comes after SMART may be either
        (ALTERNATING, "q q d q d d x", False),  # a third value
        (ALTERNATING, "q x d q d d q", False),  # FAST is not one value
        (ALTERNATING, "q q d q x d q", False),  # nor SMART
        (ALTERNATING, "q q q q q q q", False),
        ("F S F S S", "q d q d d", False),  # one clean turn of FAST
        ("F F S F", "q q d q", False),  # one of SMART
        ("F F S S", "q q d d", False),  # the time explains it as well
        ("F S F S", "q d q d", False),
    ],
)
def test_what_is_evidence_of_the_tier(plan: str, shown: str, is_evidence: bool) -> None:
    found = find(samples(plan, shown))
    assert found == ([Evidence("202.model", ("q",), ("d",))] if is_evidence else [])


def test_the_place_in_the_session_may_explain_it() -> None:
    def so(plan: str) -> bool:
        return explained(contexts(samples(plan)), lambda one: one.asked == "SMART")

    assert so("F F S S")
    assert so("S S F F")
    assert so("F S F S F S")  # odd ones are FAST
    assert so("S F S F")
    assert not so("F F S F S S F")


@pytest.mark.parametrize(("value", "expected"), [("q", "FAST"), ("d", "SMART"), ("x", None), ("-", None)])
def test_a_turn_is_judged_by_what_it_shows(value: str, expected: str | None) -> None:
    assert served(Evidence("202.model", ("q",), ("d",)), samples("F", value)[0]) == expected


@pytest.mark.parametrize(
    ("path", "shown", "is_evidence"),
    [
        ("202.other", "q q q q d q d d q d", True),
        ("202.other", "q q q q d q d d d d", True),  # SMART for one turn more: a known way to go wrong
        ("202.other", "q q q q d d d d q d", False),  # no known way
    ],
)
def test_a_path_that_does_not_say_what_it_is_must_follow_a_known_way(path: str, shown: str, is_evidence: bool) -> None:
    plan = "F F F F S F S S F S"
    two = [*samples(plan, shown, path=path), *samples("S F S", "d q d", path=path, session="t", first=1)]
    two = [one for one in two if not (one.session == "t" and one.number == 2)]
    assert bool(find(two)) is is_evidence
    assert find(samples(plan, shown, path=path)) == []  # one session alone has both values at no one place


# --- evidence in words, and by departure ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "shown", "found"),
    [
        ("202.tier", "FAST SMART FAST", True),
        ("202.served_tier", "fast smart smart", True),
        ("202.level", "FAST SMART FAST", False),
        ("tier.name", "FAST SMART FAST", False),
        ("202.tier", "FAST SMART other", False),
        ("202.tier", "FAST SMART -", False),  # it repeats the request
        ("202.tier", "FAST SMART fast", False),
        ("202.tier", "FAST FAST FAST", False),
        ("202.tier", "SMART SMART SMART", False),
        ("202.tier", "SMART FAST FAST", False),
        ("tiers that the text names", "fast smart fast", False),
    ],
)
def test_a_field_that_is_called_a_tier_tells_it_in_words(path: str, shown: str, found: bool) -> None:
    evidence = in_words(samples("F S o", shown, path=path))
    values = shown.split()
    assert evidence == ([Evidence(path, (values[0],), (values[1],))] if found else [])


@pytest.mark.parametrize(
    ("plan", "shown", "found"),
    [
        ("F F S F S S S F", "q q d q q d d q", True),  # one SMART turn was served as FAST
        ("F F S F S S S F", "q q d q q d q q", True),
        ("F F S F S S S F", "q q d q q q q q", False),  # one that departs is too few
        ("F F S F S S S F", "q q d q q d d d", False),  # so does one that did not ask for it
        ("F F S F S S S F", "q q d q q d x q", False),  # two other values
        ("F F S F S S S F", "q x d q q d d q", False),
        ("F S F S S S F", "q d q q d d q", False),  # one clean turn of FAST
    ],
)
def test_a_model_that_departs_in_some_smart_turns_is_the_tiers(plan: str, shown: str, found: bool) -> None:
    evidence = departing(samples(plan, shown))
    assert evidence == ([Evidence("202.model", ("q",), ("d",))] if found else [])
    assert departing(samples(plan, shown, path="202.other")) == []


def test_a_model_that_is_dealt_to_a_session_is_not_taken_for_the_tiers() -> None:
    one = samples("F F S S", "q q q q")
    other = samples("S S S", "d d d", session="t")
    assert departing([*one, *other]) == []


@pytest.mark.parametrize(
    ("plan", "shown", "judges"),
    [
        ("Fa Sa", "q d", True),
        ("Fa Fa Sa Sa", "q q d d", True),
        ("Fa Fa Sa Sa", "q d d d", False),
        ("Fa Fa Sa Sa", "q q d x", False),
        ("Fa Sa", "x d", False),
        ("Fa Sa", "q x", False),
        ("Fa", "q", False),
        ("Sa", "d", False),
        ("S Fa Sa", "d q d", False),  # the only one of FAST came after SMART
        ("F S", "q d", False),  # without attachments
    ],
)
def test_turns_with_attachments_are_judged_where_they_show_the_tier(plan: str, shown: str, judges: bool) -> None:
    turns = contexts(samples(plan, shown))
    assert judges_attachments(Evidence("202.model", ("q",), ("d",)), turns) is judges
