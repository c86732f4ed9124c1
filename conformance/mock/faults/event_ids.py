"""The SSE ``id:`` of envelopes (EVT-02)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from conformance.mock.behaviour import Behaviour, Sends
from conformance.mock.faults.registry import fault
from conformance.mock.ids import split_event_id
from conformance.mock.sse import Frame, Signal
from conformance.mock.tail import Tail
from conformance.mock.wrapping import with_flow, with_frames


@fault("EVT-02", mistake="the SDK's own helper for event streams writes data lines only")
def ids_missing(server: Behaviour) -> Behaviour:
    """No envelope has an id."""
    return with_frames(server, lambda _tail, frame: [replace(frame, event=None)])


@fault(
    "EVT-02", mistake="the terminal envelope is written by the handler itself, when the loop over the stream has ended"
)
def id_missing_on_the_terminal_envelope(server: Behaviour) -> Behaviour:
    """A turn's last envelope has no id."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        return [replace(frame, event=None) if frame.entry["last"] == "1" else frame]

    return with_frames(server, change)


@fault("EVT-02", mistake="the message's id is written where the event's belongs")
def id_of_the_turn_on_every_envelope(server: Behaviour) -> Behaviour:
    """All envelopes of a turn have one id, the turn's."""
    return with_frames(server, lambda _tail, frame: [replace(frame, event=frame.entry["turn"])])


@fault(
    "EVT-02",
    mistake="one entry of the stream holds what the worker wrote in one go, and each envelope gets the entry's id",
)
def ids_doubled_within_a_write(server: Behaviour) -> Behaviour:
    """Envelopes that were written in one millisecond have one id."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        return [replace(frame, event=f"{split_event_id(frame.event or '0-0')[0]}-0")]

    return with_frames(server, change)


@fault("EVT-02", mistake="the sequence within a millisecond is counted down from the size of the batch")
def ids_decreasing_within_a_millisecond(server: Behaviour) -> Behaviour:
    """Within a millisecond the sequence numbers of the ids fall."""

    def change(_tail: Tail, frame: Frame) -> list[Frame]:
        milliseconds, sequence = split_event_id(frame.event or "0-0")
        return [replace(frame, event=f"{milliseconds}-{1_000 - sequence}")]

    return with_frames(server, change)


@fault("EVT-02", "CUR-07", mistake="ids come from enumerate() in the handler, not from the stream")
def ids_counted_by_connection(server: Behaviour) -> Behaviour:
    """Each tail numbers its envelopes from 1."""

    def flow(_tail: Tail, sends: Sends) -> Sends:
        async def numbered() -> AsyncIterator[Frame | Signal]:
            number = 0
            async for item in sends:
                if isinstance(item, Frame):
                    number += 1
                    yield replace(item, event=str(number))
                else:
                    yield item

        return numbered()

    return with_flow(server, flow)
