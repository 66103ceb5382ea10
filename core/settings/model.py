"""Every setting there is, with its default; what each allows is checked in `load`."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class FastSettings:
    """[fast]: the model that answers at once.

    Attributes:
        provider: ``openai`` is every server of that protocol: llama-server, LM Studio, vLLM, hosted ones.
        base_url: empty means ``OLLAMA_HOST``, or 127.0.0.1:11434; for ``openai`` it must be set, with its
            version path, as in http://127.0.0.1:8080/v1.
        model: ``auto`` chooses once by what is installed and keeps it.
        keep_alive: a Go duration (``30m``), ``-1`` for ever; sent with every request.
        num_ctx: tokens of the window; 0 takes the loaded model's own, at least 8192.
        system: empty means the built-in system prompt.
    """

    provider: Literal["ollama", "openai"] = "ollama"
    base_url: str = ""
    model: str = "auto"
    keep_alive: str = "30m"
    num_ctx: int = 0
    system: str = ""


@dataclass(frozen=True, slots=True)
class DeepSettings:
    """[deep]: the model that thinks a question through, when asked.

    Attributes:
        provider: empty means here, with thinking.
        base_url: empty means the vendor's own address, or for ``ollama`` where the fast model is.
        model: of `provider`; without one, an installed model to think with here, else the one in use.
        effort: how much it is to think; a model that has no such step takes the next one down.
        preset: ``deep`` is one call, ``deeper`` a plan, its parts at the same time, and a synthesis.
        confirm: when a remote run first says what would leave and waits for enter; ``new`` is for a host or
            a kind of content that is new in this conversation, and above `ask_above_usd`.
        max_usd_per_run, max_usd_per_day: no call is begun that would probably go beyond; 0 allows none that
            costs.
        max_tokens_per_run: 0 is no bound, but for a model whose price is not known.
        when_offline: what to do without a way to the provider.
        api_key_cmd: prints the key for `base_url` (``pass show anthropic``).
        dialect: of an ``openai`` server; empty is told by its host.
        anthropic_version: of the Messages protocol; empty is the one that every server knows.
    """

    provider: Literal["", "openai", "anthropic", "ollama"] = ""
    base_url: str = ""
    model: str = ""
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] = "high"
    preset: Literal["deep", "deeper"] = "deep"
    api_key_cmd: str = ""
    confirm: Literal["new", "always", "never"] = "new"
    ask_above_usd: float = 0.10
    max_usd_per_run: float = 0.50
    max_usd_per_day: float = 5.00
    max_tokens_per_run: int = 0
    when_offline: Literal["ask", "local", "queue"] = "ask"
    dialect: Literal[
        "", "plain", "openai", "deepseek", "openrouter", "gemini", "vllm", "llama-server", "lm-studio"
    ] = ""
    anthropic_version: str = ""


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """[cache]: when a stored answer may be used again.

    Attributes:
        enabled: False neither looks for stored answers nor stores any for later.
        semantic: another wording of a question may find its answer too; False takes the same question only.
        ask: ``leadline ask`` may answer from it.
        max_answers: beyond it those of least use make room.
    """

    enabled: bool = True
    semantic: bool = True
    ask: bool = True
    max_answers: int = 100_000


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """[context]: what goes along with a question.

    Attributes:
        instructions: a file's name at the project's root, sent before everything else; empty sends none.
    """

    instructions: str = ".leadline.md"


@dataclass(frozen=True, slots=True)
class SpeculationSettings:
    """[speculation]: what is done ahead on this machine.

    Attributes:
        enabled: False does nothing ahead, not even loading the model.
        chips: follow-up questions offered under an answer, 0 to 3; 0 offers none.
        own_hosts: names and addresses of other machines that count as one's own.
    """

    enabled: bool = True
    chips: int = 3
    own_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """[metrics]: what measuring rests on.

    Attributes:
        failure_cost_s: seconds that it costs you to settle elsewhere what an answer did not; intelligence per
            second, and with it what `leadline tune` proposes, rests on it.
    """

    failure_cost_s: float = 60.0


@dataclass(frozen=True, slots=True)
class UiSettings:
    """[ui]: how the screen looks and what it leaves behind.

    Attributes:
        on_exit: what is printed into the scrollback on quit.
        notify: a deep run that ends while the terminal has no focus rings its bell.
    """

    theme: str = "leadline-dark"
    on_exit: Literal["last", "all", "nothing"] = "last"
    notify: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings.

    Attributes:
        prices: by model: US dollars for a million tokens read and written, as in ``"1.25 10"``, or read, read
            from the provider's cache, and written, as in ``"1.25 0.125 10"``.
        keys: by action's id: the keys that press it.
    """

    fast: FastSettings = field(default_factory=FastSettings)
    deep: DeepSettings = field(default_factory=DeepSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    speculation: SpeculationSettings = field(default_factory=SpeculationSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    prices: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    keys: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
