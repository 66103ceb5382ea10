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
        effort: how much it is to think; a model that has no such step takes the next one down.
        api_key_cmd: prints the key for `base_url` (``pass show anthropic``).
        dialect: of an ``openai`` server; empty is told by its host.
        anthropic_version: of the Messages protocol; empty is the one that every server knows.
    """

    provider: Literal["", "openai", "anthropic", "ollama"] = ""
    base_url: str = ""
    model: str = ""
    effort: Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"] = "high"
    api_key_cmd: str = ""
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
class UiSettings:
    """[ui]: how the screen looks and what it leaves behind.

    Attributes:
        on_exit: what is printed into the scrollback on quit.
    """

    theme: str = "leadline-dark"
    on_exit: Literal["last", "all", "nothing"] = "last"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `keys` maps an action's id to the keys that press it."""

    fast: FastSettings = field(default_factory=FastSettings)
    deep: DeepSettings = field(default_factory=DeepSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    keys: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
