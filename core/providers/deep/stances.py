"""What refusals have taught about how a model is to be asked."""

from core.providers.deep.calls import Stance


class Stances:
    """What has been learnt of models at places; shared by all calls, so that it is learnt once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Stance] = {}

    def of(self, base: str, model: str) -> Stance:
        """How this model is asked."""
        return self._known.get((base, model), Stance())

    def learn(self, base: str, model: str, stance: Stance) -> None:
        """How this model is asked from now on."""
        self._known[base, model] = stance
