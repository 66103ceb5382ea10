"""Is what was installed still what is there? `core` and `tui` are plain names, so others may write there."""

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from core.doctor.finding import Finding

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_ROOMS = ("core/", "tui/")
_MOST_NAMED = 5
_AGAIN = "Install leadline again with the tool you installed it with (uv, pipx or pip)."
_ALONE = "Give leadline an environment of its own (uv tool install, or pipx install)."
_REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^]]*\])?\s*\(?(?P<bounds>[^;)]*)")
_BOUND = re.compile(r"\s*(?P<sign>>=|<=|==|<|>)\s*(?P<version>[0-9][0-9.]*)\s*$")


def installed() -> "Distribution | None":
    """The installed leadline; None when it runs from a folder of sources."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        return distribution("leadline")
    except PackageNotFoundError:
        return None


def check_files(distribution: "Distribution | None") -> list[Finding]:
    """Compare the installed files with the record of the installation."""
    if distribution is None:
        return [Finding("installation", "warning", "leadline runs without being installed", _AGAIN)]
    record = {path: digest for path, digest in _record(distribution) if digest and path.startswith(_ROOMS)}
    if not record:
        if _is_editable(distribution):
            return [Finding("installation", "ok", "editable install, nothing to compare")]
        return [Finding("installation", "warning", "the installation left no record of its files", _AGAIN)]
    owners = _other_owners(distribution, record.keys())
    faults = {}
    for path, digest in record.items():
        if fault := _fault(distribution, path, digest):
            faults[path] = (
                f"{path} (overwritten by {owners[path]})" if path in owners else f"{path} ({fault})"
            )
    if faults:
        remedy = f"{_AGAIN} {_ALONE}" if faults.keys() & owners.keys() else _AGAIN
        message = f"{_counted(len(faults))} not as installed: {_few(list(faults.values()))}"
        return [Finding("installation", "problem", message, remedy)]
    if owners:
        message = (
            f"other packages install the same files: {_few([f'{path} ({owners[path]})' for path in owners])}"
        )
        return [Finding("installation", "warning", message, _ALONE)]
    return [
        Finding("installation", "ok", f"leadline {distribution.version}, {len(record)} files as installed")
    ]


def check_dependencies(distribution: "Distribution | None") -> list[Finding]:
    """Python, and the packages leadline needs with their versions."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    findings = [Finding("python", "ok", system)]
    present, wrong = [], []
    for requirement in (distribution.requires if distribution else None) or []:
        match = _REQUIREMENT.match(requirement)
        if match is None or ";" in requirement:  # for extras, or for other systems
            continue
        name = match["name"]
        try:
            has = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        present.append(f"{name} {has}")
        if not _is_within(has, match["bounds"]):
            wrong.append(f"{name} {has} is not {match['bounds'].strip()}")
    if wrong:
        findings.append(Finding("dependencies", "problem", ", ".join(wrong), _AGAIN))
    elif present:
        findings.append(Finding("dependencies", "ok", ", ".join(present)))
    return findings


def _record(distribution: "Distribution") -> Iterator[tuple[str, str]]:
    """Path and digest of each installed file.

    `Distribution.files` would do, were it not for Python 3.12 leaving out those that are missing.
    """
    import csv

    for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()):
        if len(row) >= 2:
            yield row[0].replace("\\", "/"), row[1]


def _is_editable(distribution: "Distribution") -> bool:
    import json

    try:
        origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        return False
    folder = origin.get("dir_info") if isinstance(origin, dict) else None
    return isinstance(folder, dict) and folder.get("editable") is True


def _fault(distribution: "Distribution", path: str, digest: str) -> str:
    """What is wrong with a file; empty when nothing is."""
    import base64
    import hashlib
    from pathlib import Path

    method, _, expected = digest.partition("=")
    try:
        data = Path(str(distribution.locate_file(path))).read_bytes()
        actual = hashlib.new(method, data).digest()
    except FileNotFoundError:
        return "missing"
    except OSError:
        return "unreadable"
    except ValueError:  # a method that this Python does not know says nothing about the file
        return ""
    return "" if base64.urlsafe_b64encode(actual).rstrip(b"=").decode() == expected.rstrip("=") else "changed"


def _other_owners(distribution: "Distribution", paths: Collection[str]) -> dict[str, str]:
    """Which other package claims to have installed a file of ours."""
    from importlib.metadata import distributions

    owners = {}
    for other in distributions(path=[str(distribution.locate_file(""))]):
        text = other.read_text("RECORD") or ""
        if not any(room in text for room in _ROOMS):  # most; reading them row by row would take its time
            continue
        name = other.metadata["Name"]
        if name != distribution.metadata["Name"]:
            owners.update({path: name for path, _ in _record(other) if path in paths})
    return owners


def _is_within(version: str, bounds: str) -> bool:
    """Whether a version keeps to plain bounds; what is not understood is taken as kept."""
    has = _numbers(version)
    for bound in bounds.split(","):
        match = _BOUND.match(bound)
        if match is None:
            continue
        wants = _numbers(match["version"])
        length = max(len(has), len(wants))
        left, right = (numbers + (0,) * (length - len(numbers)) for numbers in (has, wants))
        kept = {
            ">=": left >= right,
            "<=": left <= right,
            "==": left == right,
            "<": left < right,
            ">": left > right,
        }
        if not kept[match["sign"]]:
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    leading = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(number) for number in leading[0].split(".")) if leading else ()


def _few(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _counted(files: int) -> str:
    return "1 file is" if files == 1 else f"{files} files are"
