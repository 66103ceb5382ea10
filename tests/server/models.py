"""The models the server has, and those it holds in memory, in the shapes Ollama lists them."""

import hashlib
from dataclasses import dataclass

_MACHINE = ("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "use_mmap", "draft_num_predict")
RELOADS = (*_MACHINE, "shift")
"""Options that decide how a model is loaded."""


@dataclass(frozen=True, slots=True)
class Model:
    """An installed model.

    Attributes:
        size: bytes on disk.
        digest: empty is made from the name.
        capabilities: None is an old server that says none, in /api/tags nor in /api/show.
        remote_model, remote_host: set for a cloud model that is only proxied here.
    """

    name: str
    size: int = 3_400_000_000
    digest: str = ""
    family: str = "qwen35"
    parameter_size: str = "4.7B"
    quantization: str = "Q4_K_M"
    context_length: int = 262_144
    embedding_length: int = 2560
    capabilities: tuple[str, ...] | None = ("completion", "tools", "thinking")
    remote_model: str = ""
    remote_host: str = ""
    modified_at: str = "2026-01-01T10:00:00.5+01:00"

    def can(self, capability: str) -> bool:
        """Whether it can do something; an old server's models can only complete."""
        return capability in (("completion",) if self.capabilities is None else self.capabilities)

    @property
    def hash(self) -> str:
        """The digest, in hex."""
        return self.digest or hashlib.sha256(self.name.encode()).hexdigest()

    def details(self) -> dict[str, object]:
        """The part that all lists share."""
        return {
            "parent_model": "",
            "format": "" if self.remote_host else "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameter_size,
            "quantization_level": self.quantization,
        }

    def as_tag(self, say_capabilities: bool) -> dict[str, object]:
        """Its entry in /api/tags."""
        says = say_capabilities and self.capabilities is not None
        details = self.details()
        if says:
            details |= {"context_length": self.context_length, "embedding_length": self.embedding_length}
        return {
            "name": self.name,
            "model": self.name,
            **self.remote(),
            "modified_at": self.modified_at,
            "size": self.size,
            "digest": self.hash,
            "details": details,
            **({"capabilities": list(self.capabilities or ())} if says else {}),
        }

    def as_show(self) -> dict[str, object]:
        """What /api/show says of it."""
        return {
            "modelfile": f"# Modelfile of {self.name}",
            "parameters": "temperature                    0.6",
            "template": "{{ .Prompt }}",
            "details": self.details(),
            "model_info": {
                "general.architecture": self.family,
                f"{self.family}.context_length": self.context_length,
                f"{self.family}.embedding_length": self.embedding_length,
            },
            **({} if self.capabilities is None else {"capabilities": list(self.capabilities)}),
            **self.remote(),
            "modified_at": self.modified_at,
        }

    def remote(self) -> dict[str, object]:
        """What a cloud model adds to every answer; nothing for a local one."""
        if not self.remote_host:
            return {}
        return {"remote_model": self.remote_model or self.name, "remote_host": self.remote_host}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory, with the options that decide whether a request must load it again.

    Another program's load is told from ours by its options only: /api/ps shows `num_ctx`, never the others,
    so a client that copies the window can still cause a reload.

    Attributes:
        vram: bytes of it in GPU memory; None is all of it.
        keep_alive_s: negative is for ever.
    """

    name: str
    num_ctx: int = 4096
    num_batch: int = 512
    num_gpu: int = -1
    main_gpu: int = 0
    num_thread: int = 0
    use_mmap: bool | None = None
    draft_num_predict: int = 0
    shift: bool = True
    vram: int | None = None
    keep_alive_s: float = 300.0

    def changed(self, asked: "Loaded") -> tuple[str, ...]:
        """The options that differ in what a request asks for; each is a reason to load again."""
        return tuple(name for name in RELOADS if getattr(self, name) != getattr(asked, name))

    def serves(self, asked: "Loaded") -> bool:
        """Whether a request that asks for these options can be answered without loading again."""
        return not self.changed(asked)


def find(models: tuple[Model, ...], name: str) -> Model | None:
    """The model of this name; no tag means ``latest``, as in Ollama."""
    wanted = name if ":" in name else f"{name}:latest"
    return next((model for model in models if model.name in (name, wanted)), None)
