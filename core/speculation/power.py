"""Where the machine's power comes from, asked seldom and never on the event loop."""

import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from threading import Thread

SUPPLIES = Path("/sys/class/power_supply")
PROFILE = Path("/sys/firmware/acpi/platform_profile")
READ_EVERY_S = 30.0


class Power(StrEnum):
    """What the machine runs on, as far as it matters for work that nobody asked for."""

    MAINS = "mains"
    BATTERY = "battery"
    SAVER = "saver"
    """Somebody has told the machine to save power, whatever it runs on."""
    UNKNOWN = "unknown"
    """Taken as mains."""


class PowerMeter:
    """Says what was read last, and has it read again in a thread when that is too long ago.

    Args:
        clock: a clock in seconds.
        read: asks the system; it may take its time.
    """

    def __init__(self, clock: Callable[[], float], read: "Callable[[], Power] | None" = None) -> None:
        self._clock = clock
        self._read = read or read_power
        self._power = Power.UNKNOWN
        self._read_at = float("-inf")
        self._thread: Thread | None = None

    def __call__(self) -> Power:
        """What it runs on, at once; unknown until it has been read for the first time."""
        is_reading = self._thread is not None and self._thread.is_alive()
        if not is_reading and self._clock() - self._read_at >= READ_EVERY_S:
            self._read_at = self._clock()
            self._thread = Thread(target=self._look, name="leadline-power", daemon=True)
            self._thread.start()
        return self._power

    def _look(self) -> None:
        try:
            self._power = self._read()
        except Exception:  # noqa: BLE001  (a thread's edge: what it would print goes across the screen)
            self._power = Power.UNKNOWN


def read_power(supplies: Path = SUPPLIES, profile: Path = PROFILE) -> Power:
    """Ask the system, which may take its time (`PowerMeter` does not); whatever it cannot say is unknown."""
    try:
        if profile.read_text(encoding="utf-8").strip() == "low-power":
            return Power.SAVER
    except (OSError, ValueError):
        pass  # no such thing here
    # psutil takes the battery of a mouse for the machine's; and where there is none, it need not be loaded.
    if sys.platform == "linux" and not _has_battery(supplies):
        return Power.MAINS
    import psutil

    try:
        battery = psutil.sensors_battery()
    except (AttributeError, OSError, ValueError, TypeError, RuntimeError, psutil.Error):
        return Power.UNKNOWN  # a system without such a sensor, or one that says what cannot be
    if battery is None:
        return Power.MAINS
    return {True: Power.MAINS, False: Power.BATTERY}.get(battery.power_plugged, Power.UNKNOWN)


def _has_battery(supplies: Path) -> bool:
    """Whether the machine itself has one; what the system hides (a container) is none."""
    try:
        return any(
            _said(supply / "type") == "Battery" and _said(supply / "scope") != "Device"
            for supply in supplies.iterdir()
        )
    except OSError:
        return False


def _said(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
