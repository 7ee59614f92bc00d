"""A line that a daemon hands to syslog, and how it reads in the two forms of syslog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator import Record

AUTH, AUTHPRIV, CRON, DAEMON = 4 * 8, 10 * 8, 9 * 8, 3 * 8  # facilities
ALERT, ERROR, WARNING, NOTICE, INFO = 1, 3, 4, 5, 6  # severities


@dataclass(frozen=True, slots=True)
class Line:
    """What a daemon says: templates of its message and pid, and when it says it at all."""

    priority: int | str  # facility + severity
    program: str
    pid: str  # empty: the program gives none
    message: str
    when: str = ""

    def classic(self) -> Record:
        """Return the line as RFC 3164 has it: ``sshd[1234]: message``."""
        return Record(f"{self.program}{f'[{self.pid}]' if self.pid else ''}: {self.message}", self.when)

    def modern(self) -> Record:
        """Return the line as RFC 5424 has it: ``<38>sshd 1234 - - message``."""
        return Record(f"<{self.priority}>{self.program} {self.pid or '-'} - - {self.message}", self.when)

    @property
    def is_confidential(self) -> bool:
        """Say whether Debian's rsyslog writes it to auth.log, and not to syslog."""
        return isinstance(self.priority, int) and self.priority // 8 * 8 in (AUTH, AUTHPRIV)


Story = Mapping[str, Sequence[Line]]


def classic(stories: Sequence[Story]) -> Iterator[tuple[str, tuple[Record, ...]]]:
    """Return event type → records of auth.log."""
    for story in stories:
        for event, lines in story.items():
            if records := tuple(line.classic() for line in lines if line.is_confidential):
                yield event, records


def modern(stories: Sequence[Story]) -> Iterator[tuple[str, tuple[Record, ...]]]:
    """Return event type → records of everything that goes through syslog."""
    for story in stories:
        for event, lines in story.items():
            yield event, tuple(line.modern() for line in lines)
