"""What a person would not have sent somewhere: it does not go there the next time without a word."""

from core.deep.depth import Depth
from core.deep.question import Pack, PackItem
from core.sanitise import clean_line

_NAMED = 3


class Struck:
    """What was struck from the runs of this process, by whom it would have gone to."""

    def __init__(self) -> None:
        self._kept_back: set[tuple[str, int]] = set()

    def learn(self, pack: Pack, depth: Depth) -> None:
        """A pack goes as it stands: what is in it was agreed to, what was struck was not."""
        for item in pack.items:
            place = depth.host, _content(item)
            if item.is_struck:
                self._kept_back.add(place)
            else:
                self._kept_back.discard(place)

    def told(self, pack: Pack, depth: Depth) -> str:
        """What goes there that was struck before, in words; empty when nothing does."""
        if depth.is_local:
            return ""
        names = [
            clean_line(item.label) for item in pack.sent if (depth.host, _content(item)) in self._kept_back
        ]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"{', '.join(names[:_NAMED])}{more}: struck before" if names else ""


def _content(item: PackItem) -> int:
    """Tells a text from another one, whatever number it has in a pack."""
    return hash((item.messages, item.attachment and item.attachment.text, item.text))
