"""Does what is done ahead make the next answer start at once, and is it never in the way?

The product's own speculation, lanes and store on a virtual clock, between a simulated person who reads,
thinks, types and sometimes takes a chip, and the runner that stands behind the test server. What people
really asked next is read from a file.
"""

from pathlib import Path

OWN = Path(__file__).with_name("followups.jsonl")
"""A few conversations of our own, so that there is something to replay without a file."""
