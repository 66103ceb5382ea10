"""`python -m tests.bench.speculation FOLLOWUPS.jsonl.gz`: what speculation does for real follow-ups."""

import argparse
import json
import sys
from pathlib import Path

from tests.bench.speculation.conversations import Conversation, NotConversations, conversations_from
from tests.bench.speculation.measures import share_under_200ms
from tests.bench.speculation.rehearsal import rehearse
from tests.bench.speculation.stage import POLICIES, PROFILES, Setting
from tests.bench.speculation.telling import as_json, as_words

NEAR = 0.05


def main(arguments: list[str] | None = None) -> int:
    """Replay what the arguments name, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speculation", description=__doc__)
    parser.add_argument("followups", type=Path, help="conversations, one a line, as (gzipped) JSON")
    parser.add_argument("--accept", type=_share, default=0.10, help="share of answers whose chip is taken")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--profile", choices=PROFILES, action="append", help="only this machine")
    parser.add_argument("--policy", choices=POLICIES, action="append", help="only this policy")
    parser.add_argument("--seed", type=int, default=0, help="of the person's and the model's dice")
    parser.add_argument(
        "--real", type=int, default=0, metavar="N", help="N conversations, in real time and not"
    )
    given = parser.parse_args(arguments)
    try:
        conversations = conversations_from(given.followups)
    except NotConversations as problem:
        print(f"bench: {problem}", file=sys.stderr)
        return 1
    settings = [
        Setting(profile, policy, given.accept, given.seed)
        for profile in given.profile or PROFILES
        for policy in given.policy or POLICIES
    ]
    # On battery all policies but the first are the same: what the first of them does is done.
    settings += [
        Setting(profile, "all", given.accept, given.seed, on_battery=True)
        for profile in given.profile or PROFILES
        if not given.policy or "all" in given.policy
    ]
    if given.real:
        settings = [setting for setting in settings if not setting.on_battery]
        return _in_real_time(conversations, given.real, settings, given.json)
    lives = rehearse(conversations, settings)
    print(json.dumps(as_json(lives), allow_nan=False) if given.json else as_words(lives))
    return 0


def _in_real_time(
    conversations: list[Conversation], count: int, settings: list[Setting], is_json: bool
) -> int:
    """Whether the share of each setting is the same in real time, within `NEAR`."""
    from tests.bench.speculation.real import MOST_THINKING_S, beside, chosen

    told: dict[str, dict[str, dict[str, object]]] = {}
    is_near = True
    for setting in settings:
        few = chosen(conversations, count, setting)
        real, virtual = (share_under_200ms(asked) for asked in beside(few, setting))
        follow_ups = sum(len(one.turns) - 1 for one in few)
        figures: dict[str, object] = {"conversations": len(few), "follow_ups": follow_ups}
        figures |= {"real_share": real, "virtual_share": virtual}
        told.setdefault(setting.profile, {})[setting.policy] = figures
        is_near = is_near and abs(real - virtual) <= NEAR
        if not is_json:
            where = f"{setting.profile} {setting.policy}: {len(few)} conversations, {follow_ups} follow-ups"
            print(f"{where}, < 200 ms real {100 * real:.1f} %, virtual {100 * virtual:.1f} %", flush=True)
    cut = f"In both: thoughts cut at {MOST_THINKING_S:g} s, so no head is extended; long conversations out."
    print(json.dumps(told) if is_json else cut)
    return 0 if is_near else 1


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a share is between 0 and 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
