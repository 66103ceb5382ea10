"""Does what is done ahead make the next answer start at once, and is it never in the way?

The product's own speculation, lanes and store on a virtual clock, between a simulated person who reads,
thinks, types and sometimes takes a chip, and the runner that stands behind the test server. What people
really asked next is read from a file.
"""

from pathlib import Path

from tests.bench.figures import Figure

OWN = Path(__file__).with_name("followups.jsonl")
"""A few conversations of our own, so that there is something to replay without a file."""


def measure() -> list[Figure]:
    """What it does for those, held against what is to be reached; for the report of all benchmarks."""
    from tests.bench.speculation.conversations import conversations_from
    from tests.bench.speculation.rehearsal import rehearse
    from tests.bench.speculation.stage import Setting
    from tests.bench.speculation.telling import goals

    settings = [Setting(profile, policy) for profile in ("laptop", "cpu") for policy in ("none", "all")]
    return [
        Figure(f"speculation: {figure.name}", figure.value, figure.unit, None, "14 follow-ups, simulated")
        for figure in goals(rehearse(conversations_from(OWN), settings), of_chips=False)
    ]
