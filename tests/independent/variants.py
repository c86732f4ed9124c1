"""What the contract leaves to the vendor, and five vendors who chose otherwise than the plain server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Busy(Enum):
    """What becomes of a message that is posted while a turn runs (M10)."""

    QUEUE = "queue"
    REFUSE = "refuse"
    PARALLEL = "parallel"


@dataclass(frozen=True)
class Manners:
    """The freedoms of one vendor; the defaults are those of the plain server."""

    # Answers in JSON.
    created: int = 201
    invalid: int = 422
    full_meta: bool = True
    progress_flag: bool = True
    numeric_ids: bool = False
    original_in_prose: bool = False
    compressed: bool = False
    unescaped: bool = False
    # Messages.
    busy: Busy = Busy.QUEUE
    tenant_wide_idempotency: bool = False
    null_tier_is_fast: bool = False
    replay_wrapped: bool = False
    replay_newest_first: bool = False
    replay_signed_urls: bool = False
    # Uploads.
    documents: bool = False
    spaced_paths: bool = False
    # The event log and its cursors.
    opaque_cursors: bool = False
    null_first_cursor: bool = True
    lenient_cursor: bool = False
    header_wins: bool = False
    only_final_state: bool = False
    # Turns.
    varied_endings: bool = False
    extra_fields: bool = False
    title_after_finish: bool = False
    # The stream.
    newline: str = "\n"
    byte_order_mark: bool = False
    named_events: bool = False
    retry: bool = False
    folded_data: bool = False
    space_after_colon: bool = True
    done: bool = False
    closes: bool = False
    dribble: int = 0
    heartbeat: float = 0.7
    ping_events: bool = False
    stream_rate_headers: bool = True


PLAIN = Manners()

VARIANTS: dict[str, Manners] = {
    # Small bodies, numbers for ids, 200 and 400 for everything, no second message during a turn.
    "terse": Manners(
        created=200,
        invalid=400,
        full_meta=False,
        progress_flag=False,
        numeric_ids=True,
        original_in_prose=True,
        busy=Busy.REFUSE,
        replay_wrapped=True,
        stream_rate_headers=False,
    ),
    # Everything that the event-stream format allows, and a stream that ends with the turn.
    "ornate": Manners(
        newline="\r\n",
        byte_order_mark=True,
        named_events=True,
        retry=True,
        folded_data=True,
        done=True,
        closes=True,
    ),
    # Cursors that say nothing, one even before the first envelope, and none that is ever refused. Behind each turn the
    # session's new title, which is no part of the turn.
    "opaque": Manners(
        opaque_cursors=True,
        null_first_cursor=False,
        lenient_cursor=True,
        header_wins=True,
        extra_fields=True,
        title_after_finish=True,
        null_tier_is_fast=True,
    ),
    # No history without a cursor, turns that end in every lawful way, replays with addresses to read from, and a refusal
    # of every cursor that is not the session's own.
    "final_state": Manners(
        opaque_cursors=True,
        only_final_state=True,
        varied_endings=True,
        replay_newest_first=True,
        replay_signed_urls=True,
        closes=True,
    ),
    # Bytes in awkward pieces, CR alone, parallel turns, one space of client ids for the whole tenant.
    "dribbling": Manners(
        newline="\r",
        space_after_colon=False,
        dribble=7,
        heartbeat=0.05,
        ping_events=True,
        compressed=True,
        unescaped=True,
        busy=Busy.PARALLEL,
        tenant_wide_idempotency=True,
        documents=True,
        spaced_paths=True,
    ),
}
