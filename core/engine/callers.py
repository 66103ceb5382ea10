"""Who calls deep places for an engine: one caller for each, with the key that may go there."""

from collections.abc import Mapping

from core.providers.deep.connection import Place
from core.providers.deep.limits import DeepLimits
from core.providers.deep.places import find_place
from core.providers.deep.stances import Stances
from core.providers.deep.transport import DeepCaller
from core.settings.api_keys import Safe
from core.settings.model import DeepSettings, Settings
from core.settings.paths import find_paths

_OURS = "LEADLINE_DEEP__API_KEY"


class Callers:
    """The callers of one process; what one of them learns of a model, all of them know."""

    def __init__(self, environ: Mapping[str, str], limits: DeepLimits) -> None:
        self._environ = environ
        self._limits = limits
        self._stances = Stances()
        self._callers: dict[tuple[object, ...], DeepCaller] = {}
        self._commanded: dict[DeepSettings, Place] = {}

    async def place(self, settings: Settings, *, is_offer: bool = False) -> Place:
        """The place that the settings name, with its key.

        Args:
            is_offer: its address is ours, not the person's: the key beside theirs does not go there.

        Raises:
            HouseError: The key is somewhere that cannot be read, or `api_key_cmd` does not give it.
        """
        # A command that gives keys asks its person, and so is run once.
        if known := self._commanded.get(settings.deep):
            return known
        environ = self._environ
        if is_offer:
            environ = {name: value for name, value in environ.items() if name != _OURS}
        safe = Safe(find_paths(environ, demo=False).keys_file, environ)
        place = await find_place(settings, environ, safe)
        if place.key is not None and place.key.source == "api_key_cmd":
            self._commanded[settings.deep] = place
        return place

    def caller(self, place: Place) -> DeepCaller:
        """One for each place, so that its calls share connections."""
        key = (type(place.wire), place.address, place.key)
        if key not in self._callers:
            self._callers[key] = DeepCaller(place, self._environ, self._stances, self._limits)
        return self._callers[key]

    async def aclose(self) -> None:
        """Give back connections."""
        callers, self._callers = tuple(self._callers.values()), {}
        for caller in callers:
            await caller.aclose()
