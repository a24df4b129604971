"""What the doctor has found, and how it says so."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Literal, Optional

_MARKS = {"ok": ("✓", 32), "note": ("!", 33), "failed": ("✗", 31)}

# The proof starts its own app, so it does not see whether the user's is wrapped.
_WELL = """All is well from the request to the LLM span, if RumSessionASGI or RumSessionWSGI is around your app.

If the session is still missing: npx rum-llm-correlation check <URL of the call> --origin <the page's origin>"""


@dataclass(frozen=True)
class Finding:
    """One line of a report. A ``note`` may be what is wanted, and does not make the command fail."""

    state: Literal["ok", "note", "failed"]
    subject: str
    message: str
    todo: Optional[str] = None


@dataclass(frozen=True)
class Section:
    """A part of a report; its name is that of its list in JSON."""

    name: str
    title: str
    findings: list[Finding]


@dataclass(frozen=True)
class Report:
    """What the command found out."""

    title: str
    sections: list[Section]

    @property
    def is_well(self) -> bool:
        """Whether nothing has failed."""
        return all(finding.state != "failed" for section in self.sections for finding in section.findings)


def print_report(report: Report, *, as_json: bool) -> None:
    """Writes the report to the standard output."""
    colours = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = _json(report) if as_json else as_text(report, colours=colours)
    sys.stdout.buffer.write(f"{text}\n".encode())


def _json(report: Report) -> str:
    lists = {
        section.name: [
            {name: value for name, value in vars(finding).items() if value is not None} for finding in section.findings
        ]
        for section in report.sections
    }
    return json.dumps({"ok": report.is_well, "folder": os.getcwd(), **lists}, indent=2, ensure_ascii=False)


def as_text(report: Report, *, colours: bool) -> str:
    """Gives the report as lines of text."""
    width = max(len(finding.subject) for section in report.sections for finding in section.findings)

    def line(finding: Finding) -> str:
        mark, colour = _MARKS[finding.state]
        shown = f"\x1b[{colour}m{mark}\x1b[39m" if colours else mark
        todo = f"\n{' ' * (width + 6)}→ {finding.todo}" if finding.todo else ""
        return f"  {shown} {finding.subject:<{width}}  {finding.message}{todo}"

    parts = ["\n".join([section.title, *map(line, section.findings)]) for section in report.sections]
    closing = _WELL if report.is_well else "Mend what is marked ✗, from the top on."
    return "\n\n".join([report.title, *parts, closing])
