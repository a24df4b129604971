"""The command ``doctor``: whether the session id gets from a request to the LLM spans, with the user's own tracer."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from .proof import prove_carriers
from .report import Report, Section, print_report
from .settings import inspect_settings
from .versions import inspect_versions

__all__ = ["main"]

_DESCRIPTION = """\
Run it in the folder of the server, with the server's Python and environment. It looks at the ddtrace that is installed
there, at its version and its settings. Then it starts a small server with them, wrapped in RumSessionASGI and in
RumSessionWSGI, sends one request per carrier, and looks whether the LLM span has the session. Nothing leaves this machine.
"""


def main(args: Optional[Sequence[str]] = None) -> int:
    """Runs the command, prints what it found, and returns the exit status: 0 if all is well, else 1."""
    parser = argparse.ArgumentParser(prog="python -m rum_llm_correlation")
    commands = parser.add_subparsers(dest="command", metavar="<command>", required=True)
    doctor = commands.add_parser(
        "doctor",
        help="Does the session id get from a request to the LLM spans of the server in this folder?",
        description=_DESCRIPTION,
        epilog="Exit status: 0 if nothing is marked ✗, else 1.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--field", default="session_id", metavar="<name>", help="the plugin's field (session_id)")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    try:
        options = parser.parse_args(args)
    except SystemExit as end:
        return 1 if end.code else 0

    report = _examine(options.field)
    print_report(report, as_json=options.json)
    return 0 if report.is_well else 1


#: What to do about a carrier if there is a cause among the packages and settings.
_MEND_CAUSE = "Mend what is marked above, and run it again."


def _examine(field: str) -> Report:
    packages, settings, carriers = inspect_versions(), inspect_settings(os.environ), prove_carriers(field)
    if any(finding.state != "ok" for finding in [*packages, *settings]):
        carriers = [replace(finding, todo=finding.todo and _MEND_CAUSE) for finding in carriers]
    return Report(
        title=f"The server half in {os.getcwd()}",
        sections=[
            Section("packages", "Packages", packages),
            Section("settings", "Settings", settings),
            Section("carriers", "One request per carrier, through RumSessionASGI and RumSessionWSGI", carriers),
        ],
    )
