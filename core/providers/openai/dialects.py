"""How each kind of server of the OpenAI-compatible protocol is asked for depth: data, and no code.

Sources, as the study of deep mode names them: OpenAI's list of `reasoning_effort`; api-docs.deepseek.com
(thinking mode, rate limit); openrouter.ai/docs (reasoning, streaming); ai.google.dev (Gemini's OpenAI mode);
the servers' own documentation for vLLM, llama-server and LM Studio.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from core.providers.deep.calls import Effort

_THINK = MappingProxyType({"chat_template_kwargs": {"enable_thinking": True, "thinking": True}})
_DO_NOT_THINK = MappingProxyType({"chat_template_kwargs": {"enable_thinking": False, "thinking": False}})


@dataclass(frozen=True, slots=True)
class Depth:
    """One dialect.

    Attributes:
        hosts: the hosts it is known by, with every host below them.
        limit_key: how it calls the most tokens of an answer.
        effort_path: where the effort stands in the body; empty where there is none.
        words: how it calls an effort that it has no name for; the rest go by their own names.
        thinking: what switches thinking on.
        silence: what switches it off, which is what the effort `none` means.
        patience_s: how long it may think without a byte of content; 0 is the usual time.
    """

    hosts: tuple[str, ...] = ()
    limit_key: str = "max_tokens"
    effort_path: tuple[str, ...] = ("reasoning_effort",)
    words: Mapping[Effort, str] = field(default_factory=lambda: MappingProxyType({}))
    thinking: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    silence: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    patience_s: float = 0.0


_HIGHEST_IS_HIGH = {Effort.XHIGH: "high", Effort.MAX: "high"}
_LEAST_IS_LOW = {Effort.MINIMAL: "low"}

DEPTHS: Mapping[str, Depth] = MappingProxyType(
    {
        "plain": Depth(),
        # Nothing of its thinking is streamed in this protocol: the silence may be long and healthy.
        "openai": Depth(("api.openai.com",), "max_completion_tokens", patience_s=900.0),
        "deepseek": Depth(
            ("api.deepseek.com",),
            words=MappingProxyType(
                {**_LEAST_IS_LOW, Effort.MEDIUM: "high", Effort.XHIGH: "max", Effort.NONE: ""}
            ),
            thinking=MappingProxyType({"thinking": {"type": "enabled"}}),
            silence=MappingProxyType({"thinking": {"type": "disabled"}}),
            patience_s=660.0,  # keep-alives come for up to ten minutes before it begins
        ),
        "openrouter": Depth(("openrouter.ai",), effort_path=("reasoning", "effort")),
        "gemini": Depth(("generativelanguage.googleapis.com",), words=MappingProxyType({**_HIGHEST_IS_HIGH})),
        "vllm": Depth(
            words=MappingProxyType({**_LEAST_IS_LOW, **_HIGHEST_IS_HIGH, Effort.NONE: ""}),
            thinking=_THINK,
            silence=_DO_NOT_THINK,
        ),
        "llama-server": Depth(effort_path=(), thinking=_THINK, silence=_DO_NOT_THINK),
        "lm-studio": Depth(
            words=MappingProxyType({**_LEAST_IS_LOW, **_HIGHEST_IS_HIGH, Effort.NONE: ""}),
        ),
    }
)
"""By the name that the setting takes."""


def depth_for(host: str, told: str = "") -> Depth:
    """The dialect that is told, else the one whose host this is, else the plain one."""
    if told:
        return DEPTHS[told]
    host = host.lower().rstrip(".")
    for depth in DEPTHS.values():
        if any(host == known or host.endswith(f".{known}") for known in depth.hosts):
            return depth
    return DEPTHS["plain"]
