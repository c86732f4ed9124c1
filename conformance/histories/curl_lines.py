"""A history as a numbered list of curl lines, and what each gave: whoever has curl can play it again.

What one answer gives and a later request needs (a session's id, a cursor, the id of an envelope, a granted path) stands in
shell variables, taken from the answers with sed. A tail that was open while something else was sent runs in the background;
one that the client cut is cut by head after as many lines. The lines are for one POSIX shell, in an empty folder, with
``NEO_BASE_URL`` and ``NEO_API_KEY`` (and ``NEO_OTHER_API_KEY``) set.
"""

from __future__ import annotations

import base64
import math
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from conformance.evidence import envelopes_of
from conformance.findings import escape_controls
from conformance.judging.cursors import shown
from conformance.recording import Exchange, Recording

_QUIET_HEADERS = frozenset({"host", "content-length", "accept-encoding", "connection", "user-agent", "cache-control"})
_SHOWN_CHARACTERS = 160
_SHOWN_ENVELOPES = 3
_RUN = "RUN"
"""The variable that makes the client_message_ids of each run new."""
_MARK = "\0"
"""Stands on both sides of a variable's name until the word is quoted."""


@dataclass(frozen=True)
class CurlLine:
    """``command`` is a line of shell; ``gave`` says what came when the history was recorded."""

    number: int
    command: str
    gave: str

    def __str__(self) -> str:
        return f"{self.number}. {self.command}\n     # {self.gave}"


def curl_lines(recording: Recording) -> tuple[CurlLine, ...]:
    """One line for each request of a history, in the order in which they were sent."""
    played = [e for e in recording.exchanges if "limited" not in e.facts and "outage" not in e.facts]
    writing = _Writing(recording.target)
    return tuple(writing.line(number, exchange, played) for number, exchange in enumerate(played, start=1))


def commands_in(printed: str) -> str:
    """The shell lines of a printed list, without the numbers and what each gave."""
    return "\n".join(match[1] for line in printed.splitlines() if (match := re.match(r"\s*[0-9]+\. (.*)", line)))


@dataclass
class _Writing:
    base_url: str
    variables: dict[str, str] = field(default_factory=dict)
    """What a server gave -> the variable that holds it."""
    cursors: dict[str, str] = field(default_factory=dict)
    """The same for the ``since_cursor`` of each 202: by value it may well be an id that came before."""
    taken: dict[str, str] = field(default_factory=dict)
    """Variables that are not set yet -> the words that set them."""
    unread: dict[int, Exchange] = field(default_factory=dict)
    """Tails in the background whose ids nobody has needed yet."""
    open: dict[int, float] = field(default_factory=dict)
    """Lines in the background -> when they ended."""

    def line(self, number: int, exchange: Exchange, played: list[Exchange]) -> CurlLine:
        words = [f"{_RUN}=$(date +%s)-$$;"] if number == 1 else []
        over = [str(line) for line, ended in self.open.items() if ended <= exchange.sent_at]
        if over:
            words.append("wait " + " ".join(f"$P{line}" for line in over) + ";")
        for line in over:
            del self.open[int(line)]
        for other, running in [one for one in self.unread.items() if one[1].ended_at <= exchange.sent_at]:
            self._note_ids(other, running)
            del self.unread[other]
        request = self._request(number, exchange)
        words += [self.taken.pop(name) for name in re.findall(r"\$(\w+)", request) if name in self.taken]
        later = played[number] if number < len(played) else None
        beside = later is not None and later.sent_at < exchange.ended_at
        if beside:
            words.append(f"{{ {request}; }} & P{number}=$!")
            pieces = exchange.received.pieces if exchange.received is not None else ()
            if later is not None and pieces and pieces[0].at < later.sent_at:
                # It was open when the next request left, and so it has to be.
                words[-1] += f"; timeout 5 sh -c 'until [ -s {number}.out ]; do sleep 0.1; done'"
            self.open[number] = exchange.ended_at
        else:
            words.append(request)
        if later is None and self.open:
            words[-1] += "; wait"
        self._note(number, exchange)
        if beside:
            self.unread[number] = exchange
        else:
            self._note_ids(number, exchange)
        return CurlLine(number, " ".join(words), _gave(exchange))

    def _request(self, number: int, exchange: Exchange) -> str:
        sent, words = exchange.sent, ["curl", "-s"]
        url = sent.url.partition("?")[0]
        if exchange.operation == "tail-events":
            words += ["-N", "--max-time", str(math.ceil(2 * (exchange.ended_at - exchange.sent_at)) + 1)]
        if sent.method != "GET":
            words += ["-X", sent.method]
        own_cursor = exchange.facts.get("after") is None
        if "since" in sent.query:
            since = f"since={sent.query['since']}"
            words += [self._word(url), "-G", "--data-urlencode", self._word(since, own_cursor=own_cursor)]
        else:
            words.append(self._word(sent.url))
        for name, value in sent.headers:
            if name.lower() not in _QUIET_HEADERS and value != "application/json":
                words += ["-H", self._word(f"{name}: {value}", own_cursor=own_cursor)]
            elif name.lower() == "content-type":
                words += ["-H", shlex.quote(f"{name}: {value}")]
        if exchange.operation == "put-blob":
            picture = base64.b64encode(sent.body).decode()
            return f"echo {picture} | base64 -d | {' '.join(words)} --data-binary @- > {number}.out"
        if sent.body:
            words += ["--data-binary", self._word(sent.body.decode("utf-8", "replace"))]
        cut = f" | head -n {exchange.received.body.count(10) or 1}" if exchange.received and _was_cut(exchange) else ""
        return f"{' '.join(words)}{cut} > {number}.out"

    def _word(self, text: str, *, own_cursor: bool = False) -> str:
        """One word of shell, with variables where something stands that a server gave.

        ``own_cursor``: what is an id and a cursor is meant as the cursor.
        """
        known = {**self.variables, **self.cursors} if own_cursor else {**self.cursors, **self.variables}
        marked = re.sub(r"\$(NEO_\w+)", lambda match: f"{_MARK}{match[1]}{_MARK}", text)
        # The longest first: an id may be a part of another one.
        for value in sorted(known, key=len, reverse=True):
            for form in dict.fromkeys((value, quote(value, safe=""))):
                marked = marked.replace(form, f"{_MARK}{known[value]}{_MARK}")
        marked = marked.replace(self.base_url, f"{_MARK}NEO_BASE_URL{_MARK}")
        marked = re.sub(
            r'("client_message_id": ?")([0-9a-f-]{36})"', lambda match: f'{match[1]}{self._own(match[2])}"', marked
        )
        if _MARK not in marked:
            return shlex.quote(marked)
        parts = marked.split(_MARK)
        quoted = "".join(f'"${part}"' if i % 2 else _quoted(part) for i, part in enumerate(parts))
        return quoted or "''"

    def _own(self, client_message_id: str) -> str:
        """The same id in this run wherever it was the same, and a new one in each run."""
        return f"{client_message_id[:8]}-{_MARK}{_RUN}{_MARK}"

    def _note(self, number: int, exchange: Exchange) -> None:
        """What later requests may need of this answer."""
        fields: Mapping[str, str] = {
            "create-session": "id",
            "append-message": "since_cursor",
            "request-upload-url": "blob_path upload_url",
        }
        for name in fields.get(exchange.operation, "").split():
            value = exchange.data.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
                taking = f"""sed -n 's/.*"{name}": *"\\{{0,1\\}}\\([^",}}]*\\).*/\\1/p' {number}.out | head -n 1"""
                into = self.cursors if name == "since_cursor" else self.variables
                self._take(str(value), f"{name.upper()}_{number}", taking, into)

    def _note_ids(self, number: int, exchange: Exchange) -> None:
        """The ids of a tail, once it is over: before that its file may not have them."""
        for place, one in enumerate(dict.fromkeys(frame.id for frame in exchange.frames if frame.id), start=1):
            taking = f"sed -n 's/^id: *//p' {number}.out | tr -d '\\r' | awk '!seen[$0]++' | sed -n {place}p"
            self._take(one, f"ID_{number}_{place}", taking, self.variables)

    def _take(self, value: str, name: str, taking: str, into: dict[str, str]) -> None:
        # The newest cursor counts: that two turns have the same one may be what is broken.
        if value not in into or into is self.cursors:
            into[value] = name
            self.taken[name] = f"{name}=$({taking});"


def _quoted(part: str) -> str:
    return shlex.quote(part) if part else ""


def _was_cut(exchange: Exchange) -> bool:
    """Whether the client left in the middle of a running turn."""
    return exchange.facts.get("part") in ("live", "peek") and exchange.ending == "goal" and not _ended(exchange)


def _ended(exchange: Exchange) -> bool:
    return any(envelope.terminal for envelope in envelopes_of(exchange))


def _gave(exchange: Exchange) -> str:
    """What came, in one line."""
    if exchange.received is None:
        return f"no answer: {escape_controls(exchange.problem or exchange.ending)}"
    if exchange.operation == "tail-events" and exchange.status == 200:
        tail = envelopes_of(exchange)
        first = ", ".join(shown(e) for e in tail[:_SHOWN_ENVELOPES])
        last = f" … {shown(tail[-1])}" if len(tail) > _SHOWN_ENVELOPES else ""
        return f"200, {len(tail)} envelopes{': ' if tail else ''}{first}{last} ({exchange.ending})"
    text = " ".join(escape_controls(exchange.received.text).split())
    return f"{exchange.status} {text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + '…'}"


def printed(lines: Iterable[CurlLine]) -> str:
    """The list as it is printed."""
    return "\n".join(str(line) for line in lines)
