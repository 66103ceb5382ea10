"""What can be measured, by name, and one run of it."""

import sys
from collections.abc import Iterable

from tests.bench.figures import Company
from tests.bench.product import CannotRun
from tests.bench.screen import asking, length, opening, starting, streaming
from tests.bench.screen.compared import Findings
from tests.bench.screen.depth import Depth, Measure

PROGRAMME: dict[str, Measure] = {
    "start": starting.measure,
    "ttft": asking.measure,
    "stream": streaming.measure,
    "kinds": streaming.measure_kinds,
    "reply": length.measure_reply,
    "conversation": length.measure_conversation,
    "opening": opening.measure,
}

REPORTED = ("start", "ttft", "stream")
"""What `.ci/run` has the time for."""

SWITCH_S = 0.0005


def run(depth: Depth, names: Iterable[str]) -> Findings:
    """Measure one after the other; what cannot be is told, and the others go on."""
    findings = Findings()
    # The server and the stamps share this process: at Python's usual 5 ms each would wait for the other.
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)
    try:
        for name in names:
            company = Company()
            try:
                findings.rows += PROGRAMME[name](depth)
            except (CannotRun, TimeoutError) as problem:
                findings.problems.append(f"{name}: {problem}")
            if (others := company.others()) is not None:
                findings.others[name] = others
    finally:
        sys.setswitchinterval(usual_s)
    return findings
