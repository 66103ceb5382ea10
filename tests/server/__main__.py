"""The test server as a process of its own, for trials by hand and for benchmarks."""

import argparse
import re
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from tests.server import Fault, Loaded, Model, OllamaServer, Pace, Pull, Script, markdown
from tests.server.scenes import Scene

_EXAMPLES = """
examples:
  python -m tests.server --port 11500 --rate 40 --ttft 0.3 --words 400
  python -m tests.server --port 11500 --load 6 --rate 20          the first question waits for the model
  python -m tests.server --model qwen3.5:4b --model smollm2:135m:135M --think
  python -m tests.server --fault error_line --fault-after 30 --rate 20
  python -m tests.server --no-models --pull-seconds 20            a first start, with a download to wait for
  python -m tests.server --prefill 400 --decode 40 --family qwen3        a laptop: prompts cost time once
  python -m tests.server --prefill 60 --decode 9 --overhead 0.025        a processor alone, with a long wait
  python -m tests.server --owned-by llamacpp      with fast.provider = "openai", fast.base_url = ".../v1"
  python -m tests.server --pupil qwen3:4b=0.78@0.31 --pupil qwen3:8b=0.84@1.6 --load 2   for leadline tune
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
        description="An HTTP server on loopback that speaks Ollama's, OpenAI's and Anthropic's protocols. "
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
    _add_machine(parser)
    return parser


def _add_machine(parser: argparse.ArgumentParser) -> None:
    pace = parser.add_argument_group(
        "a machine", "with a cache of prompts, instead of --rate and --ttft; given by either of the first two"
    )
    pace.add_argument(
        "--prefill", type=float, default=0.0, metavar="N", help="tokens of a prompt read a second"
    )
    pace.add_argument("--decode", type=float, default=0.0, metavar="N", help="tokens written a second")
    pace.add_argument(
        "--batch", type=int, default=512, metavar="N", help="tokens read between two looks up (default 512)"
    )
    pace.add_argument(
        "--poll", type=float, default=1.0, metavar="S", help="between two looks for who has left (default 1)"
    )
    pace.add_argument("--overhead", type=float, default=0.0, metavar="S", help="seconds of every request")
    add = parser.add_argument
    add("--family", metavar="NAME", help="of all models, by which prompts are laid out: llama, qwen3, lfm2 …")
    add("--no-render", action="store_true", help="_debug_render_only is not known, as on older servers")
    add(
        "--pupil",
        action="append",
        default=[],
        metavar="NAME=SHARE@S",
        help="a model that answers this share of `leadline tune`'s questions rightly, its first token"
        " after so many seconds, as in qwen3:4b=0.78@0.31; repeat for more",
    )
    add(
        "--chip",
        action="append",
        default=[],
        metavar="TEXT",
        help="what an answer with a JSON schema says; repeat for more (default: the usual answer)",
    )


def _wrapped(words: list[str]) -> list[str]:
    """Eight names a line."""
    return [" ".join(words[begin : begin + 8]) for begin in range(0, len(words), 8)]


def _script(given: argparse.Namespace) -> Script:
    pupils = [_pupil(text) for text in given.pupil]
    names = [*given.model, *(pupil.marker for pupil in pupils)] or ["qwen3.5:4b"]
    models = () if given.no_models else tuple(map(_model, names))
    if given.family:
        models = tuple(replace(model, family=given.family) for model in models)
    text = given.reply_file.read_text("utf-8") if given.reply_file else markdown(given.words)
    paths = () if given.fault_everywhere else (*Script().fault_paths, "/api/pull")
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
        pace=_pace(given),
        shows_prompts=not given.no_render,
        chips=tuple(given.chip) or None,
        scenes=tuple(pupils),
        owned_by=given.owned_by,
        pull=Pull(seconds=given.pull_seconds),
        fault=given.fault,
        fault_times=given.fault_times,
        fault_paths=paths,
        fault_after=given.fault_after,
        stall_s=given.stall,
    )


def _pupil(text: str) -> Scene:
    """Read ``qwen3:4b=0.78@0.31``."""
    found = re.fullmatch(r"(.+)=([01](?:\.\d+)?)@(\d+(?:\.\d+)?)", text)
    if found is None:
        raise ValueError(f"--pupil {text}: NAME=SHARE@SECONDS, as in qwen3:4b=0.78@0.31")
    from tests.server.quiz import pupil_scene

    return pupil_scene(found[1], float(found[2]), float(found[3]))


def _pace(given: argparse.Namespace) -> Pace | None:
    if given.batch < 1 or given.slots < 1:
        raise ValueError("--batch and --slots must be 1 or more")
    if given.prefill <= 0 and given.decode <= 0:
        return None
    return Pace(
        prefill_per_s=given.prefill,
        decode_per_s=given.decode,
        batch=given.batch,
        poll_s=given.poll,
        overhead_s=given.overhead,
        slots=given.slots,
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
