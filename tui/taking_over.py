"""Textual's driver for a terminal that is painted already: it goes on from there instead of starting anew."""

from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from tui.first_frame import ALTERNATE_SCREEN, FirstFrame


def driver_after(frame: FirstFrame) -> type[Driver]:
    """A driver that leaves the painted frame standing until the app's own first frame lies over it."""

    class TakingOver(LinuxDriver):
        """Differs from its parent only in how it begins."""

        def write(self, data: str) -> None:
            """Asking for the alternate screen once more would clear it: that would be seen as a flash."""
            if data == ALTERNATE_SCREEN and frame.hand_over():
                return
            super().write(data)

        def start_application_mode(self) -> None:
            """What is given back on suspending and leaving is the terminal as it was before the frame."""
            super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's own
            if self.attrs_before is not None:
                self.attrs_before = list(frame.attributes)

    return TakingOver
