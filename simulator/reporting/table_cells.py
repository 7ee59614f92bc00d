"""Text that fits into a terminal: safe to print, cut to a width, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal
from unicodedata import combining, east_asian_width

Color = Literal["green", "red", "yellow", "bright_black", "cyan"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A text and how it looks in color; the text alone says all."""

    text: str
    color: Color | None = None
    bold: bool = False

    def painted(self, width: int, *, color: bool) -> str:
        """Return the cell in exactly ``width`` columns."""
        text = shortened(self.text, width)
        gap = " " * (width - columns(text))
        if color and text and (self.color or self.bold):
            import click

            text = click.style(text, fg=self.color, bold=self.bold or None)
        return text + gap


def printable(text: str) -> str:
    """Keep what a rule or playbook calls itself from moving the cursor, or breaking the line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def shortened(text: str, width: int) -> str:
    """Cut a text to ``width`` columns, and show that it was cut."""
    if columns(text) <= width:
        return text
    while text and columns(text) > width - 1:
        text = text[:-1]
    return f"{text.rstrip()}…" if width > 0 else ""


def paragraph(text: str, width: int) -> list[str]:
    """Break a text into indented lines."""
    text = printable(text)
    narrow = len(text) < columns(text)  # textwrap counts letters: a line of wide ones takes twice the columns
    return wrap(
        text,
        width // 2 if narrow else width,
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
    )


def table(header: Sequence[str], rows: Sequence[Sequence[Cell]], width: int, *, color: bool) -> list[str]:
    """Set cells in columns, two spaces apart; where they do not fit, the widest columns give way."""
    named = [[Cell(name, bold=True) for name in header], *rows]
    widths = [max(columns(row[place].text) for row in named) for place in range(len(header))]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        widths[widths.index(max(widths))] -= 1
    lines = []
    for row in named:
        cells = [cell.painted(space, color=color) for cell, space in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return lines
