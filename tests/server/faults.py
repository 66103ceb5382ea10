"""What can go wrong, by name, and what a refusal looks like on the wire."""

from collections.abc import Mapping
from enum import StrEnum


class Fault(StrEnum):
    """Something that goes wrong; the first group are refusals, with a status instead of a stream."""

    MODEL_MISSING = "model_missing"
    BAD_REQUEST = "bad_request"
    BAD_OPTION = "bad_option"
    NO_CHAT = "no_chat"
    NO_THINKING = "no_thinking"
    NO_TOOLS = "no_tools"
    CONTEXT_TOO_LONG = "context_too_long"
    BUSY = "busy"
    LOAD_FAILED = "load_failed"
    RUNNER_DIED = "runner_died"
    CANCELLED = "cancelled"
    SIGN_IN = "sign_in"
    CLOUD_OFF = "cloud_off"
    OFFLINE = "offline"
    FORBIDDEN_HOST = "forbidden_host"
    OLD_SERVER = "old_server"
    TOO_MANY = "too_many"  # 429: too many requests
    OUT_OF_CREDIT = "out_of_credit"  # 429 as well, and waiting will not help
    STILL_LOADING = "still_loading"  # llama-server, before its model is there
    STRICT = "strict"  # a field is refused by name
    NO_MONEY = "no_money"  # 402
    OVERLOADED = "overloaded"  # 529
    REFUSED = "refused"  # what the script's `refused` says
    PROXY_502 = "proxy_502"
    PROXY_200 = "proxy_200"

    # Instead of any answer, or before it.
    SILENT = "silent"  # the request is read and never answered
    HANG_UP = "hang_up"  # the connection is closed instead of an answer
    KEEP_ALIVES = "keep_alives"  # for `stall_s` nothing but signs of life, then a good answer
    STALL = "stall"  # nothing for `stall_s`, then a good answer
    RAW = "raw"  # `raw_body`, then the stream's proper end
    RAW_CUT = "raw_cut"  # `raw_body`, then the connection is closed

    RAW_STALL = "raw_stall"  # `raw_body`, and then nothing more, on a connection that stays open

    # After `fault_after` pieces.
    ERROR_LINE = "error_line"
    NO_END = "no_end"  # the body ends properly, and `done` never came
    CUT_LINE = "cut_line"  # the connection is closed inside a line, inside a chunk
    RESET = "reset"  # the same with a TCP reset
    STALL_MIDWAY = "stall_midway"  # nothing for `stall_s`, then the rest
    KEEP_ALIVES_MIDWAY = "keep_alives_midway"  # for `stall_s` nothing but signs of life, then the rest
    GARBAGE = "garbage"  # a line that is not JSON, then the rest
    HUGE_LINE = "huge_line"  # a line of 9 MiB, then the rest
    EMPTY_LINES = "empty_lines"  # between all lines; harmless
    SEPARATORS = "separators"  # tokens with U+0085 and U+2028, then the rest; harmless


class Refusal(Exception):
    """An answer with a status other than 200."""

    def __init__(
        self, status: int, body: dict[str, object] | str | None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = headers


_HTML = "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"

_TABLE: dict[Fault, tuple[int, str | None]] = {
    Fault.MODEL_MISSING: (404, "model '{model}' not found"),
    Fault.BAD_REQUEST: (400, "model is required"),
    Fault.BAD_OPTION: (500, 'option "num_ctx" must be of type integer'),
    Fault.NO_CHAT: (400, '"{model}" does not support chat'),
    Fault.NO_THINKING: (400, '"{model}" does not support thinking'),
    Fault.NO_TOOLS: (400, "registry.ollama.ai/library/{model} does not support tools"),
    Fault.CONTEXT_TOO_LONG: (
        400,
        "the prompt is longer than the context length currently available to the model; shorten the prompt, "
        "adjust the context length in settings, or use a model with a longer context length",
    ),
    # Two spaces after the full stop: that is how Ollama writes it.
    Fault.BUSY: (503, "server busy, please try again.  maximum pending requests exceeded"),
    Fault.LOAD_FAILED: (500, "llama-server process has terminated: signal: killed"),
    Fault.RUNNER_DIED: (
        500,
        "model runner has unexpectedly stopped, this may be due to resource limitations or an internal "
        "error, check ollama server logs for details",
    ),
    Fault.CANCELLED: (499, "request canceled"),
    Fault.SIGN_IN: (401, "unauthorized"),
    Fault.CLOUD_OFF: (403, "ollama cloud is disabled: remote inference is unavailable"),
    Fault.OFFLINE: (502, "dial tcp: lookup ollama.com: no such host"),
    Fault.FORBIDDEN_HOST: (403, None),
    Fault.TOO_MANY: (429, "Rate limit reached for requests"),
    Fault.OUT_OF_CREDIT: (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    Fault.NO_MONEY: (402, "Insufficient Balance"),
    Fault.OVERLOADED: (529, "Overloaded"),
    Fault.STILL_LOADING: (503, "Loading model"),
    Fault.STRICT: (400, "Unrecognized request argument supplied: stream_options"),
}


def refusal(fault: Fault, model: str = "") -> Refusal | None:
    """What the server answers for a fault of the first group; None for the others."""
    match fault:
        case Fault.OLD_SERVER:
            return Refusal(404, "404 page not found")
        case Fault.PROXY_502:
            return Refusal(502, _HTML.format(title="502 Bad Gateway"))
        case Fault.PROXY_200:
            return Refusal(200, _HTML.format(title="Please sign in to the network"))
    if fault not in _TABLE:
        return None
    status, text = _TABLE[fault]
    if text is None:
        return Refusal(status, None)
    body: dict[str, object] = {"error": text.replace("{model}", model)}
    if fault is Fault.SIGN_IN:
        body["signin_url"] = "https://ollama.com/connect?name=HOST&key=KEY"
    return Refusal(status, body)


def refuse(fault: Fault, model: str = "") -> Refusal:
    """The refusal of a fault that is known to be one, to be raised."""
    made = refusal(fault, model)
    assert made is not None, fault
    return made
