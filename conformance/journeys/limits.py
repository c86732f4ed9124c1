"""The bounds of a run. A target can stretch nothing beyond them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes.

    ``turn_timeout`` bounds one turn, from its 202 to its terminal envelope. ``max_turns`` bounds the accepted messages of
    the whole run; the plan needs 16, the rest is room for what a broken target accepts and should not.
    """

    turn_timeout: float = 90.0
    max_turns: int = 32
    count_doubtful_turns: bool = False
    """Whether a post without an answer counts as a turn; so it does where the user has set ``max_turns``."""
    connect_timeout: float = 10.0
    answer_timeout: float = 30.0
    headers_timeout: float = 10.0
    """The shortest wait for the headers of a tail; a longer one where the tail itself waits longer."""
    run_seconds: float = 3600.0
    """Of all journeys together. Turns of a minute take about a quarter of it."""
    run_bytes: int = 100 * 1024 * 1024
    """Of all that comes, in memory that it costs (``transport.intake``); about 15 times what an ordinary agent sends."""
    body_bytes: int = 4 * 1024 * 1024
    """Of one answer that is no stream, decoded."""
    tail_bytes: int = 32 * 1024 * 1024
    tail_frames: int = 20_000
    answer_pieces: int = 50_000
    """Reads of one answer: a byte at a time costs a hundred times its size."""
    connections: int = 96
    grace: float = 3.0
    """After an ``error`` envelope: a ``finish`` may follow."""
    settle: float = 3.0
    """How long a tail of what is already over may be silent before it is given up."""
    quiet: float = 0.5
    """How long a tail is read where nothing is expected."""
    attempts: int = 20
    """How often one request is sent in all, while the target answers 429 or drops the connection."""
    outage_pause: float = 0.5
    """Before the second attempt after an outage; twice as long before the third. A quarter more or less, by chance."""
    read_only: bool = False
    """Nothing is sent but GET."""
