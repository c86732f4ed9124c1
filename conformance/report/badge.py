"""``badge.svg``: the verdict and its numbers on a small plate. It loads nothing, and has nothing of the target's in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FILE_NAME = "badge.svg"

_NAME = "neo chat contract"
_COLOURS = {"conformant": "#2e7d32", "nonconformant": "#c62828", "incomplete": "#7a5c00"}
_CHARACTER = 6.6
"""Pixels of an average character; `textLength` makes the text fit whatever font the viewer has."""
_MARGIN = 8


def badge(report: Mapping[str, Any]) -> str:
    """The report (as spec/report.schema.json has it) as an SVG image of one line."""
    counts = report["counts"].values()
    numbers = {outcome: sum(int(table[outcome]) for table in counts) for outcome in ("passed", "failed", "untested")}
    word = report["verdict"]
    colour = _COLOURS[word]
    said = [f"{numbers['passed']} kept"]
    said += [f"{numbers['failed']} broken"] if numbers["failed"] else []
    said += [f"{numbers['untested']} untested"] if numbers["untested"] else []
    right = f"{word}: {', '.join(said)}"
    widths = [round(len(text) * _CHARACTER) for text in (_NAME, right)]
    left_box, right_box = (width + 2 * _MARGIN for width in widths)
    whole = left_box + right_box
    title = f"{_NAME}, {right}"

    def text(content: str, at: int, width: int) -> str:
        return f'<text x="{at}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{content}</text>'

    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img" '
        f'aria-label="{title}"><title>{title}</title>'
        f'<rect width="{whole}" height="20" rx="3" fill="#424242"/>'
        f'<path d="M{left_box} 0h{right_box - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left_box}z" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f"{text(_NAME, _MARGIN, widths[0])}{text(right, left_box + _MARGIN, widths[1])}</g></svg>\n"
    )
