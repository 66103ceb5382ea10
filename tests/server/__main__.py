"""The test server as a process of its own, for trials by hand and for benchmarks."""

import argparse
import re
import signal
import sys
import threading
from pathlib import Path

from tests.server import Fault, Loaded, Model, OllamaServer, Pull, Script, markdown

_EXAMPLES = """
examples:
  python -m tests.server --port 11500 --rate 40 --ttft 0.3 --words 400
  python -m tests.server --port 11500 --load 6 --rate 20          the first question waits for the model
  python -m tests.server --model qwen3.5:4b --model smollm2:135m:135M --think
  python -m tests.server --fault error_line --fault-after 30 --rate 20
  python -m tests.server --no-models --pull-seconds 20            a first start, with a download to wait for
  python -m tests.server --owned-by llamacpp      with fast.provider = "openai", fast.base_url = ".../v1"
  curl -N http://127.0.0.1:11500/api/generate -d '{"model":"qwen3.5:4b","prompt":"hi"}'
"""


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes; the first line printed is the address."""
    given = _parser().parse_args(arguments)
    try:
        script = _script(given)
    except (OSError, ValueError) as problem:
        print(f"test server: {problem}", file=sys.stderr)
        return 2
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with OllamaServer(script, port=given.port, host=given.host, log_file=given.log) as server:
            print(server.url, flush=True)
            stop.wait()
    except OSError as problem:
        print(f"test server: cannot listen on {given.host}:{given.port}: {problem}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.server",
        description="An HTTP server on loopback that speaks Ollama's protocol with made-up answers. "
        "It prints its address as the first line and serves until Ctrl-C or SIGTERM.",
        epilog=_EXAMPLES + "\nfaults:\n  " + "\n  ".join(_wrapped([fault.value for fault in Fault])),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    add("--port", type=int, default=0, help="port to listen on; 0 (default) takes a free one")
    add(
        "--model",
        action="append",
        default=[],
        metavar="NAME[:PARAMS]",
        help="an installed model; repeat for more. The size is read from the end of the name "
        "(qwen3.5:4b is 4B; smollm2:latest:135M is smollm2:latest with 135M). Default: qwen3.5:4b",
    )
    add("--no-models", action="store_true", help="nothing is installed")
    add("--loaded", type=int, metavar="NUM_CTX", help="the first model is in memory with this window")
    add("--rate", type=float, default=0.0, metavar="N", help="tokens a second; 0 (default) is at once")
    add("--ttft", type=float, default=0.0, metavar="S", help="seconds of prefill before the first token")
    add("--load", type=float, default=0.0, metavar="S", help="seconds it takes to load a model")
    add("--owned-by", default="library", help="what /v1/models says: llamacpp, vllm, or any other word")
    add("--slots", type=int, default=1, metavar="N", help="requests a model answers at once (default 1)")
    say = parser.add_mutually_exclusive_group()
    say.add_argument("--reply-file", type=Path, metavar="FILE", help="answer with the text of this file")
    say.add_argument(
        "--words", type=int, default=120, metavar="N", help="answer with N words of Markdown (120)"
    )
    add("--think", action="store_true", help="think aloud before answering, unless told not to")
    add("--fault", type=Fault, choices=list(Fault), metavar="NAME", help="what goes wrong; see below")
    add("--fault-times", type=int, metavar="N", help="only to the first N requests (default: to all)")
    add("--fault-after", type=int, default=2, metavar="N", help="tokens before a fault midway (default 2)")
    add("--fault-everywhere", action="store_true", help="to every path, not only chat, generate and pull")
    add("--stall", type=float, default=60.0, metavar="S", help="seconds that stall and stall_midway take")
    add("--pull-seconds", type=float, default=5.0, metavar="S", help="how long a download takes (default 5)")
    add("--log", type=Path, metavar="FILE", help="append a JSON line for every change of a request")
    return parser


def _wrapped(words: list[str]) -> list[str]:
    """Eight names a line."""
    return [" ".join(words[begin : begin + 8]) for begin in range(0, len(words), 8)]


def _script(given: argparse.Namespace) -> Script:
    models = () if given.no_models else tuple(_model(text) for text in given.model or ["qwen3.5:4b"])
    text = given.reply_file.read_text("utf-8") if given.reply_file else markdown(given.words)
    paths = (
        () if given.fault_everywhere else ("/api/chat", "/api/generate", "/api/pull", "/v1/chat/completions")
    )
    return Script(
        models=models,
        loaded=(Loaded(models[0].name, given.loaded),) if given.loaded and models else (),
        reply=text,
        thinking="The person asks about branches. What matters is what git refuses, and why.\n" * 3
        if given.think
        else "",
        tokens_per_s=given.rate,
        ttft_s=given.ttft,
        load_s=given.load,
        slots=given.slots,
        owned_by=given.owned_by,
        pull=Pull(seconds=given.pull_seconds),
        fault=given.fault,
        fault_times=given.fault_times,
        fault_paths=paths,
        fault_after=given.fault_after,
        stall_s=given.stall,
    )


def _model(text: str) -> Model:
    """Read ``qwen3.5:4b`` or ``smollm2:latest:135M``; the last part is the size when it looks like one."""
    *front, last = text.split(":")
    size = re.fullmatch(r"(\d+(?:\.\d+)?)([bBmM])(?:-.*)?", last)
    if not text or (len(front) > 1 and size is None):
        raise ValueError(f"--model {text}: NAME, NAME:TAG or NAME:TAG:PARAMS, as in smollm2:latest:135M")
    name = ":".join(front) if len(front) > 1 else text if front else f"{text}:latest"
    if size is None:
        return Model(name)
    unit = size[2].upper()
    weights = float(size[1]) * (1e9 if unit == "B" else 1e6)
    family = re.sub(r"[^a-z0-9]", "", front[0].lower()) or "llama"
    return Model(name, size=int(weights * 0.75), parameter_size=f"{size[1]}{unit}", family=family)


if __name__ == "__main__":
    sys.exit(main())
