"""The screen's own share of the waiting, beside the least that the same framework can do on this machine.

``python -m tests.bench.screen [--quick|--full] [--only NAME...] [--json]``. Two bare Textual apps (see
`tests.bench.floor`) talk to the same server in the same run, and so does every other chat client for the
terminal that is installed; what is held against the floor is a ratio, and what is held against a clock gets
as much longer as the floor took on the machine it was set on.
"""

from tests.bench.screen.person import Person
from tests.bench.screen.sending import measure

__all__ = ["Person", "measure"]
