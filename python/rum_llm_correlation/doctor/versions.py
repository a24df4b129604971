"""Which versions are installed, and whether they fit."""

from __future__ import annotations

import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Optional

from .report import Finding

_SINCE = (4, 13)


def inspect_versions() -> list[Finding]:
    """What is installed for this Python, and whether it fits."""
    copies = [_inspect_copies(name) for name in ("ddtrace", "rum_llm_correlation")]
    return [inspect_tracer(version_of("ddtrace")), _own(), *[finding for finding in copies if finding]]


def version_of(distribution: str) -> Optional[str]:
    """The version of an installed package; it is not imported."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def inspect_tracer(installed: Optional[str]) -> Finding:
    """Says whether the installed version of ddtrace takes sessions."""
    python = f"Python {platform.python_version()}"
    if installed is None:
        todo = "Take the server's own Python, or: pip install ddtrace"
        return Finding("failed", "ddtrace", f"is not installed for {python} ({sys.executable})", todo)
    if takes_sessions(installed):
        return Finding("ok", "ddtrace", f"{installed}, on {python}")
    message = f"{installed} takes no session from a request: that began with 4.13"
    return Finding("failed", "ddtrace", message, "pip install --upgrade ddtrace")


def takes_sessions(installed: str) -> bool:
    """Whether a version of ddtrace reads ``_dd.p.llmobs_sid``."""
    numbers = re.match(r"(\d+)\.(\d+)", installed)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= _SINCE


def _own() -> Finding:
    return Finding("ok", "rum-llm-correlation", version_of("rum-llm-correlation") or "from its folder, not installed")


def _inspect_copies(package: str) -> Optional[Finding]:
    copies = find_copies(package, sys.path)
    if len(copies) < 2:
        return None
    message = f"there are {len(copies)} copies of it: {', '.join(map(str, copies))}"
    todo = "Leave the one that the server is to have: the first of them counts."
    return Finding("failed", package.replace("_", "-"), message, todo)


def find_copies(package: str, path: list[str]) -> list[Path]:
    """All copies of a package that Python finds, in the order of its path."""
    folders = [Path(entry or ".") / package for entry in path]
    return list(dict.fromkeys(folder.resolve() for folder in folders if (folder / "__init__.py").is_file()))
