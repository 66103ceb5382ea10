"""What a request asks for, read as Ollama reads it, with its refusals of what it cannot read."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.server.faults import Fault, Refusal, refuse
from tests.server.memory import seconds_of
from tests.server.models import Loaded, Model, find
from tests.server.templates import Messages, Prompt, Template, template_of

_NUMBERS = (
    *("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "draft_num_predict"),
    *("num_predict", "num_keep", "seed", "top_k"),
)
_DEEP_THOUGHTS = (True, False, None, "low", "medium", "high", "max")


@dataclass(frozen=True, slots=True)
class Ask:
    """One /api/chat or /api/generate.

    Attributes:
        is_load: nothing is to be generated, only loaded (or, with `keep_alive_s` 0, unloaded).
        wants: the options that decide whether the model must be loaded again.
        is_render: only the prompt is asked for.
        num_predict: None is without a bound; so is 0, as in Ollama.
    """

    model: Model
    is_chat: bool
    is_load: bool
    prompt_chars: int
    wants: Loaded
    keep_alive_s: float
    num_predict: int | None
    thinks: bool
    streams: bool
    is_raw: bool
    is_render: bool
    prompt: Prompt

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the prompt, by the rule of thumb of four characters each."""
        return -(-self.prompt_chars // 4)


def read(body: Mapping[str, object], models: tuple[Model, ...], is_chat: bool) -> Ask:
    """Read a request, or refuse it.

    Raises:
        Refusal: what the server answers instead.
    """
    model = model_of(body, models)
    options = _options(body)
    if is_chat and not model.can("completion"):
        raise refuse(Fault.NO_CHAT, model.name)
    think = body.get("think")
    if think not in _DEEP_THOUGHTS:
        raise Refusal(400, {"error": f"invalid think value: {think!r}"})
    if think and not model.can("thinking"):
        raise refuse(Fault.NO_THINKING, model.name)
    if body.get("tools") and not model.can("tools"):
        raise refuse(Fault.NO_TOOLS, model.name)
    texts = messages_of(body) if is_chat else [("user", str(body.get("prompt") or ""))]
    num_ctx = min(options.get("num_ctx", 4096), model.context_length)
    all_chars = sum(len(text) for _, text in texts)
    # Truncating keeps the system messages and the last one, whatever the window.
    kept = [text for role, text in texts[:-1] if role == "system"] + [text for _, text in texts[-1:]]
    needed = all_chars if body.get("truncate") is False else sum(map(len, kept))
    if (body.get("truncate") is False or body.get("shift") is False) and -(-needed // 4) > num_ctx:
        raise refuse(Fault.CONTEXT_TOO_LONG)
    num_predict = options.get("num_predict", -1)
    # gpt-oss cannot be told not to think.
    thinks = model.can("thinking") and (think is not False or model.family == "gptoss")
    is_raw = body.get("raw") is True and not is_chat
    return Ask(
        model=model,
        is_chat=is_chat,
        is_load=not texts or (not is_chat and not texts[0][1]),
        prompt_chars=min(all_chars, num_ctx * 4),
        wants=_wants(body, model.name, options, num_ctx),
        keep_alive_s=seconds_of(body.get("keep_alive")),
        num_predict=num_predict if num_predict > 0 else None,
        thinks=thinks and not is_raw,
        streams=body.get("stream") is not False,
        is_raw=is_raw,
        is_render=body.get("_debug_render_only") is True,
        prompt=_prompt(body, template_of(model.family), texts, is_raw=is_raw, thinks=thinks),
    )


def _wants(body: Mapping[str, object], name: str, options: Mapping[str, int], num_ctx: int) -> Loaded:
    return Loaded(
        name,
        num_ctx=num_ctx,
        num_batch=options.get("num_batch", 512),
        num_gpu=options.get("num_gpu", -1),
        main_gpu=options.get("main_gpu", 0),
        num_thread=options.get("num_thread", 0),
        use_mmap=_use_mmap(body),
        draft_num_predict=options.get("draft_num_predict", 0),
        shift=body.get("shift") is not False,
        keep_alive_s=seconds_of(body.get("keep_alive")),
    )


def _prompt(
    body: Mapping[str, object], template: Template, texts: Messages, *, is_raw: bool, thinks: bool
) -> Prompt:
    if is_raw:
        return template.of_raw(texts[0][1])
    system = body.get("system") if "messages" not in body else None
    return template.of_chat([*([("system", str(system))] if system else []), *texts], thinks)


def model_of(body: Mapping[str, object], models: tuple[Model, ...]) -> Model:
    """The model a request names (old clients say ``name``)."""
    name = body.get("model") or body.get("name")
    if not isinstance(name, str) or not name:
        raise refuse(Fault.BAD_REQUEST)
    model = find(models, name)
    if model is None:
        raise refuse(Fault.MODEL_MISSING, name)
    return model


def _options(body: Mapping[str, object]) -> dict[str, int]:
    given = body.get("options")
    numbers: dict[str, int] = {}
    for name in _NUMBERS:
        value = given.get(name) if isinstance(given, dict) else None
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refusal(500, {"error": f'option "{name}" must be of type integer'})
        numbers[name] = value
    return numbers


def _use_mmap(body: Mapping[str, object]) -> bool | None:
    given = body.get("options")
    value = given.get("use_mmap") if isinstance(given, dict) else None
    if value is not None and not isinstance(value, bool):
        raise Refusal(500, {"error": 'option "use_mmap" must be of type boolean'})
    return value


def messages_of(body: Mapping[str, object]) -> list[tuple[str, str]]:
    """Role and text of each message of a chat."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return []
    return [
        (str(each.get("role")), str(each.get("content") or "")) for each in messages if isinstance(each, dict)
    ]
