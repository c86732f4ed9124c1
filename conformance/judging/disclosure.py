"""Traces of a server's inside in an error: stack traces, paths of source files, messages of drivers.

A short list of unmistakable ones. A parser's complaint about what the client sent is none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from conformance.judging.json_leaves import leaves, texts
from conformance.recording import Exchange

_SOURCE: Final = r"(?:py|pyc|js|mjs|cjs|ts|tsx|jsx|java|kt|scala|cs|go|rb|php|rs|ex|exs|cpp|cc|swift)"
_FOLDERS: Final = r"(?:[/\\][\w.@+-]{1,64}){1,24}"
_DRIVERS: Final = (
    r"(?:redis|aioredis|coredis|valkey|psycopg2?|psycopg_pool|asyncpg|sqlalchemy|pymysql|mysql|sqlite3|pymongo|motor"
    r"|botocore|azure\.core|azure\.storage|temporalio|celery|kombu|aiohttp|httpx|httpcore|urllib3|Npgsql|StackExchange)"
)

_TRACES: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (what, re.compile(pattern))
    for what, pattern in (
        # stack traces
        ("a Python stack trace", r"Traceback \(most recent call last\)"),
        ("a Python stack frame", r'File "[^"\n]+", line \d+'),
        ("a JavaScript stack frame", r"\bat [^\n]{0,200}?[\w/\\.:-]+\.(?:js|mjs|cjs|ts|tsx|jsx):\d+:\d+"),
        ("a Node.js stack frame", r"\(node:internal/[\w/]+:\d+:\d+\)"),
        ("a JVM stack frame", r"\bat [\w$.<>]+\((?:[\w$]+\.(?:java|kt|scala):\d+|Native Method|Unknown Source)\)"),
        ("a .NET stack frame", r"\bat [\w.`<>\[\]]+\([^()\n]*\) in [^\n]+:line \d+"),
        ("a Go stack trace", r"\bgoroutine \d+ \["),
        ("a Go panic", r"invalid memory address or nil pointer dereference"),
        ("a Go runtime error", r"\bruntime error: (?:index out of range|slice bounds|integer divide|makeslice)"),
        ("a Rust panic", r"thread '[^'\n]+' panicked at"),
        ("a Ruby stack frame", r"\.rb:\d+:in [`']"),
        ("a PHP location", r"\.php on line \d+"),
        ("a Python runtime error", r"'NoneType' object (?:has no attribute|is not \w+)"),
        ("a JavaScript runtime error", r"Cannot (?:read|set) propert(?:y|ies) (?:'\w+' )?of (?:undefined|null)"),
        ("a JVM runtime error", r"\bjava\.lang\.\w+(?:Exception|Error)\b"),
        ("a .NET runtime error", r"\bSystem\.(?:[A-Z]\w{1,40}\.){0,4}[A-Z]\w{1,60}Exception\b"),
        # paths of files
        ("a path of installed code", r"(?:site-packages|dist-packages|node_modules)[/\\]"),
        (
            "a path of a source file",
            rf"(?<![\w/\\.-])(?:[A-Za-z]:)?{_FOLDERS}[/\\][\w@+.-]{{0,64}}?\w\.{_SOURCE}(?![\w/\\-])",
        ),
        ("a place in a source file", rf"(?<![\w./\\-])(?:[\w-]{{1,64}}[./\\]){{1,24}}{_SOURCE}:\d+\b"),
        (
            "a path on a server",
            r"(?<![\w/.:-])/(?:var/(?:lib|log|run|www|tmp|cache|task)|usr/(?:lib|local|share|bin|src)|proc/self"
            r"|etc/[\w.-]{1,64})/[\w.@+-]{1,64}",
        ),
        ("a path on a server", r"\b[A-Z]:\\(?:Windows|inetpub|Users|Program Files|ProgramData)\\"),
        # drivers
        (
            "an error class of a driver",
            rf"\b{_DRIVERS}(?:\.\w{{1,64}}){{0,6}}?\.\w{{0,64}}?(?:Error|Exception|Violation|Failure)\b",
        ),
        ("an error class of a driver", r"\b(?:asyncpg|psycopg2?|sqlalchemy|aioredis|StackExchange\.Redis|Npgsql)\.\w+"),
        ("an address of SQLAlchemy's documentation", r"sqlalche\.me/e/"),
        ("a driver's SQL", r"\[SQL: "),
        ("an SQL state", r"\bSQLSTATE\b"),
        (
            "a message of PostgreSQL",
            r"syntax error at or near|violates (?:\w+[ -]){0,2}(?:key|unique|check|null) constraint",
        ),
        ("a message of PostgreSQL", r'(?:relation|column) "[^"\n]+" (?:of relation [^\n]+ )?does not exist'),
        (
            "a message of PostgreSQL",
            r"invalid byte sequence for encoding|invalid input syntax for (?:type|integer|uuid)",
        ),
        (
            "a message of PostgreSQL",
            r"\bout of range for type \w+|connection to server at \"|could not connect to server",
        ),
        ("a message of PostgreSQL", r"deadlock detected|remaining connection slots are reserved"),
        ("a message of MySQL", r"You have an error in your SQL syntax|Duplicate entry '[^'\n]*' for key"),
        (
            "a message of SQLite",
            r"(?:UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed|no such table: |database is locked",
        ),
        ("a message of Oracle", r"\bORA-\d{5}\b"),
        ("a message of MongoDB", r"\bE11000 duplicate key|\bMongo(?:Server|Network)Error\b"),
        ("a message of Redis", r"Invalid stream ID specified as stream command argument"),
        (
            "a message of Redis",
            r"\bWRONGTYPE Operation against a key|\bNOAUTH Authentication|\bNOSCRIPT No matching script",
        ),
        (
            "a message of Redis",
            r"\bERR (?:wrong number of arguments|unknown command|value is not an integer|syntax error|The ID)",
        ),
        (
            "a message of Redis",
            r"\b(?:LOADING Redis is|BUSY Redis is|OOM command not allowed|READONLY You can't write)",
        ),
        ("a message of a Redis client", r"\bError (?:\d+|-\d+) connecting to |\bReplyError: "),
        ("a message of a Redis client", r"\bredis: (?:nil\b|connection pool|client is closed)"),
        ("a message of Go's database/sql", r"\bsql: (?:no rows in result set|database is closed|Scan error)"),
        ("a message of a PostgreSQL driver", r"\bpq: \w|\bERROR: [^\n]{1,300} \(SQLSTATE "),
        ("a message of Prisma", r"Invalid `prisma\.\w+\.\w+\(\)` invocation|\bPrismaClient\w*Error\b"),
        ("a message of gRPC", r"\brpc error: code = \w+ desc = "),
        ("a message of Go's network", r"\bdial tcp (?:\[?[\w.:]+\]?:\d+|lookup)|\bdial unix /"),
        ("a message of MongoDB", r"\bmongo: no documents in result\b"),
        (
            "an error of the operating system",
            r"\[Errno -?\d+\]|\b(?:ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)\b",
        ),
    )
)


def shown_inside(exchange: Exchange) -> str | None:
    """What an error shows of the server's inside, in its body or a header, as ``trace`` names it."""
    if exchange.received is None:
        return None
    body = exchange.json
    # From the parsed strings, since JSON escapes the quotes and the line ends that a stack trace has.
    shown = "\n".join(texts(body)) if body is not None else exchange.received.text
    return trace("\n".join([shown, *(value for _, value in exchange.received.headers)]), _sent_with(exchange))


def _sent_with(exchange: Exchange) -> set[str]:
    sent = exchange.sent
    own = {str(leaf) for _, leaf in leaves(sent.json) if isinstance(leaf, str)}
    return own | {sent.url, sent.path} | set(sent.query.values()) | {value for _, value in sent.headers}


_URL: Final = re.compile(r"\bhttps?://[^\s\"'<>]+")
_SHORT: Final = 4
_MOST: Final = 100_000
"""Characters that are looked through: a target chooses how long its errors are, and nobody hides a trace behind that."""


def trace(text: str, sent: Iterable[str] = ()) -> str | None:
    """The first trace of the server's inside, named and quoted; None where there is none.

    Addresses of web pages are left out, and so is what the client itself ``sent``: a server may echo it.
    """
    text = text[:_MOST]
    for own in sorted((s for s in sent if len(s) >= _SHORT), key=len, reverse=True):
        text = text.replace(own, " ")
    # The documentation of SQLAlchemy is no page that a caller of this API was meant to see.
    plain = _URL.sub(lambda found: found[0] if "sqlalche.me" in found[0] else " ", text)
    for what, pattern in _TRACES:
        found = pattern.search(plain)
        if found is not None:
            return f"{what}: {found[0][:120]!r}"
    return None
