"""The options of a run, as names and help only: pytest loads them in every project where the suite is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FUZZ_EXAMPLES: Final = 60
FUZZ_TURNS_MOCK: Final = 80
FUZZ_SECONDS: Final = 28.0
"""Wall clock of all fuzzing: half for single operations (FUZZ-01), half for histories (FUZZ-02)."""


@dataclass(frozen=True)
class Option:
    """``name`` as on the command line without dashes; the environment variable is derived from it."""

    name: str
    metavar: str
    help: str

    @property
    def destination(self) -> str:
        return f"neo_{self.name.replace('-', '_')}"

    @property
    def variable(self) -> str:
        return f"NEO_{self.name.replace('-', '_').upper()}"


OPTIONS: Final = (
    Option("agent-id", "N", "the agent to chat with, by number (without it: managed_agent_key NEO_SUPPORT)"),
    Option("level", "LEVEL", "must or should: the lowest level whose failure fails the run (default: must)"),
    Option("max-turns", "N", "a bound on the messages that the scenarios may get accepted (the plan needs 16)"),
    Option("turn-timeout", "S", "seconds that one turn may take (default: 90)"),
    Option("connect-timeout", "S", "seconds that a connection may take to be made (default: 10)"),
    Option("run-timeout", "S", "seconds that all journeys together may take (default: 3600)"),
    Option("turn-seconds", "S", "how long a turn of this agent takes, for --dry-run (default: 5)"),
    Option("fuzz-examples", "N", f"generated requests for each operation (default: {FUZZ_EXAMPLES})"),
    Option("fuzz-turns", "N", f"turns that fuzzing may start (default: 0; {FUZZ_TURNS_MOCK} on the embedded mock)"),
    Option("fuzz-seconds", "S", f"seconds that fuzzing may take, all in all (default: {FUZZ_SECONDS:g})"),
    Option("fuzz-corpus", "DIR", "where fuzzing keeps its interesting examples between runs (default: nowhere)"),
    Option("waivers", "FILE", "what is known to be broken, and until when (YAML; spec/waivers.schema.json)"),
    Option("replay", "FILE", "judge this recording; nothing is sent"),
    Option("report-dir", "DIR", "where the report is written (default: reports/)"),
)
GATE: Final = Option("gate", "", "exit 0 only when the verdict is conformant")
DRY_RUN: Final = Option("dry-run", "", "say what would be sent and what it would cost, and send nothing")
READ_ONLY: Final = Option("read-only", "", "send nothing that writes: GET only, for sessions that do not exist")
ALLOW_PRODUCTION: Final = Option("allow-production", "", "run although the target or a key is one of production")
ALLOW_HTTP: Final = Option("allow-http", "", "send the key over plain http to another machine")
FLAGS: Final = (GATE, DRY_RUN, READ_ONLY, ALLOW_PRODUCTION, ALLOW_HTTP)
