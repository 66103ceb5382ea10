"""A real HTTP server on loopback that speaks three protocols, says what its script says, and keeps a log.

    with OllamaServer(Script(reply="Use `git switch`.", tokens_per_s=50)) as server:
        ...                                                    # talk to server.url
        server.script = replace(server.script, fault=Fault.BUSY, fault_times=1)
        server.script = Script(pace=Pace(prefill_per_s=400, decode_per_s=40))  # slots and a cache of prompts
        gone = server.wait_for(lambda record: record.client_gone_at is not None)

`python -m tests.server --help` runs it as a process of its own. The product never imports it.
"""

from tests.server.faults import Fault, Refusal
from tests.server.journal import Record, most_at_once
from tests.server.memory import Reload
from tests.server.models import Loaded, Model
from tests.server.prose import markdown
from tests.server.runner import Pace
from tests.server.scenes import Scene
from tests.server.script import Pull, Script
from tests.server.server import OllamaServer

__all__ = [
    "Fault",
    "Loaded",
    "Model",
    "OllamaServer",
    "Pace",
    "Pull",
    "Record",
    "Refusal",
    "Reload",
    "Scene",
    "Script",
    "markdown",
    "most_at_once",
]
