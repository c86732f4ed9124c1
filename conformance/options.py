"""The options of a run, as names and help only: pytest loads them in every project where the suite is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FUZZ_EXAMPLES: Final = 60
FUZZ_TURNS_MOCK: Final = 40


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
    Option("fuzz-examples", "N", f"generated requests for each operation (default: {FUZZ_EXAMPLES})"),
    Option("fuzz-turns", "N", f"turns that fuzzing may start (default: 0; {FUZZ_TURNS_MOCK} on the embedded mock)"),
    Option("replay", "FILE", "judge this recording; nothing is sent"),
    Option("report-dir", "DIR", "where the report is written (default: reports/)"),
)
GATE: Final = Option("gate", "", "exit 0 only when the verdict is conformant")
