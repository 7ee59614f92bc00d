"""Pieces of templates, each the value of one column, that JSON, tabs, CEF and ECS documents are all made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """The value of a column. ``text`` is an expression or, when ``raw``, a piece of template as it stands.

    It is set where ``when`` holds; elsewhere the log has it unset.
    """

    text: str
    when: str = ""
    raw: bool = False

    @property
    def template(self) -> str:
        return self.text if self.raw else f"{{{{ {self.text} }}}}"


def raw(text: str, when: str = "") -> Cell:
    return Cell(text, when, raw=True)


def choice(*choices: tuple[str, Cell], otherwise: Cell) -> Cell:
    """Take the first cell whose condition holds."""
    branches = "".join(
        f"{{% {'elif' if at else 'if'} {when} %}}{cell.template}" for at, (when, cell) in enumerate(choices)
    )
    return raw(f"{branches}{{% else %}}{otherwise.template}{{% endif %}}")


def ends(source: str, source_port: Cell, destination: str, destination_port: Cell) -> dict[str, Cell]:
    """Return the columns that begin every log: when, which connection, between whom."""
    return {
        "ts": Cell("time"),
        "uid": raw("C{{ connection|base62 }}"),
        "id.orig_h": Cell(f"{source}.ip"),
        "id.orig_p": source_port,
        "id.resp_h": Cell(f"{destination}.ip"),
        "id.resp_p": destination_port,
    }


HTTP_ENDS = ends("source", Cell("source_port"), "host", Cell("port"))
DNS_ENDS = ends("host", Cell("source_port"), "(server or resolver)", Cell("53")) | {"proto": Cell("'udp'")}
BODILESS = "method == 'HEAD' or status in (204, 304)"
