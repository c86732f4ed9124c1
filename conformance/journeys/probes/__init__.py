"""What the journeys send in order to be refused, or at least not to break the server: data, nothing is played here.

A probe has a *rule*: the requirement that says what a correct server does with it. Rule ``ERR-04`` demands nothing but
"no 5xx". Every message probe breaks a stated or an implied rule, so that no correct server starts a turn for it.

The order matters. What a lenient server would accept comes last, since an accepted probe keeps the session busy and
spoils the probes behind it. A probe that ``leans_on`` a rule is refused for that rule alone: where a probe *of* the
rule was accepted, those that lean on it would each start a turn, and should be left out.
"""

from __future__ import annotations

from conformance.journeys.probes.creations import CREATIONS, ODD_TYPES, Creation
from conformance.journeys.probes.cursors import (
    MALFORMED_CURSORS,
    ODD_REPLAY_QUERIES,
    ODD_SESSION_IDS,
    ODD_TAIL_QUERIES,
    Cursor,
)
from conformance.journeys.probes.messages import ATTACHMENTS_NEEDED, REFUSALS, SEVEN_MARKER, Refusal, never_granted
from conformance.journeys.probes.texts import ODD_TEXT
from conformance.journeys.probes.uploads import GRANTS, UPLOAD_REFUSALS, Upload

__all__ = [
    "ATTACHMENTS_NEEDED",
    "CREATIONS",
    "GRANTS",
    "MALFORMED_CURSORS",
    "ODD_REPLAY_QUERIES",
    "ODD_SESSION_IDS",
    "ODD_TAIL_QUERIES",
    "ODD_TEXT",
    "ODD_TYPES",
    "REFUSALS",
    "SEVEN_MARKER",
    "UPLOAD_REFUSALS",
    "Creation",
    "Cursor",
    "Refusal",
    "Upload",
    "never_granted",
]
