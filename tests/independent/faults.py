"""What can be wrong with this server: one small slip each, and the requirement that it breaks."""

from __future__ import annotations

from enum import Enum


class Fault(Enum):
    """A slip, as the pair of the requirement that it breaks and one sentence about it."""

    CURSOR_BY_MILLISECOND = (
        "CUR-07",
        "A reconnect compares only the time part of the id: the rest of a burst is lost.",
    )
    CURSOR_LAGS = ("CUR-01", "The cursor is taken from a cache that the last envelope of a turn does not reach.")
    DUPLICATE_IS_STORED = ("IDEM-03", "The message is stored before it is noticed to be a duplicate.")
    REFUSED_BUT_ENQUEUED = (
        "ATT-02",
        "The attachments are counted after the turn was enqueued: a 422, and an answer all the same.",
    )
    TIER_STICKS = ("TIER-05", "An omitted tier means the session's last one, not FAST.")
    NULL_IN_ENVELOPE = ("EVT-03", "An optional field that has no value is sent as null instead of being left out.")
    BUFFERED_IN_BLOCKS = ("EVT-07", "A compressing proxy hands the stream on in blocks, or when the turn is over.")
    GRANT_FOR_ANYBODY = ("AUTH-03", "The upload address is granted for a session without asking whose it is.")
    REPLAY_KEEPS_FIRST_ATTACHMENT = (
        "ATT-09",
        "The replay joins the attachments one to one: only the first comes back.",
    )
    NULL_CURSOR_LEFT_OUT = (
        "ACC-04",
        "Empty fields are dropped from the body, the null cursor of a first turn with them.",
    )

    @property
    def requirement(self) -> str:
        """The id of the requirement that it breaks."""
        return self.value[0]

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return self.value[1]
