"""Packs of a few words, places they would go to, and what that would cost."""

from dataclasses import replace
from typing import cast

from core.deep.arming import Prepared
from core.deep.caller import Caller
from core.deep.depth import Depth
from core.deep.money import Estimate
from core.deep.question import DeepQuestion, ItemKind, Pack, PackItem
from core.messages import Attachment
from core.providers.deep.calls import Effort

HOST = "api.anthropic.com"
REMOTE = Depth(cast(Caller, None), "m", Effort.HIGH, "anthropic", HOST, f"REMOTE {HOST}")
LAN = replace(REMOTE, provider="ollama", host="10.0.0.7", place="lan 10.0.0.7", is_free=True)
LOCAL = replace(REMOTE, provider="ollama", host="", place="local", is_free=True)
CHEAP = Estimate(6200, 0.05, 0.1)
FREE = Estimate(6200, is_free=True)
UNKNOWN = Estimate(6200)
SECRET = "a.py line 3: AWS access key …MPLE"


def source_of(name: str, *secrets: str) -> PackItem:
    """A file by its name."""
    return PackItem(
        name, ItemKind.SOURCE, name, 9, attachment=Attachment(name, "x", "00" * 32), secrets=secrets
    )


def pack_of(*names: str, turns: tuple[int, ...] = (), secrets: tuple[str, ...] = ()) -> Pack:
    """Sources by their names, behind earlier turns."""
    asked = [PackItem(f"turn-{n}", ItemKind.TURN, f"turn {n}", 9) for n in turns]
    return Pack("Why?", "Think.", (*asked, *(source_of(name) for name in names)), secrets)


def prepared_of(pack: Pack, depth: Depth = REMOTE, estimate: Estimate = CHEAP) -> Prepared:
    """A run that would send it."""
    return Prepared(DeepQuestion("Why?"), depth, pack, estimate)
