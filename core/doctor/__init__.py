"""What is wrong, and how to mend it: looks at everything leadline stands on, and changes nothing."""

from core.doctor.finding import Finding, State, to_json
from core.doctor.rounds import examine
from core.doctor.terminal import Terminal

__all__ = ["Finding", "State", "Terminal", "examine", "to_json"]
