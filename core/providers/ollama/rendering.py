"""The prompt that the server says it makes of messages, made fit to be sent back as it stands."""

from typing import Any

from core.providers.fields import object_in, text_of

_DOUBLED = "<|startoftext|>"
_FIRST_TURN = "<|im_start|>"
_UNSURE = ("<｜begin▁of▁sentence｜>", "<BOS_TOKEN>", "<|begin_of_text|>", "〈|EOS|〉")


def read_prompt(body: dict[str, Any]) -> str:
    """The prompt in an answer; empty when there is none that could be sent back.

    Many tokenizers begin each prompt by themselves. Where a template does so as well, Ollama takes that off,
    but only from what it has rendered for an answer: sent back raw, the beginning would be there twice, and
    nothing that was read before would fit. LFM2's tokenizer always begins; of others it depends on the file.
    (``<bos>`` is taken off both times.) Source: ``llm/llama_server.go``, ``model/renderers``.
    """
    prompt = text_of(object_in(body, "_debug_info"), "rendered_template")
    if prompt.startswith(_UNSURE):
        return ""
    return prompt.removeprefix(_DOUBLED) if prompt.startswith(_DOUBLED + _FIRST_TURN) else prompt
