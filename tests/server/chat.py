"""Answering /api/chat and /api/generate: waiting, loading, then piece by piece in time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.server.ask import Ask
from tests.server.breaks import strike
from tests.server.call import Call
from tests.server.faults import Fault
from tests.server.schemas import filled, schema_in
from tests.server.script import pieces_of
from tests.server.templates import rest_of
from tests.server.tempo import Tempo, paced
from tests.server.wire import encoded

_NS = 1_000_000_000
_ODD_PIECES = ("\u0085", "\u2028", "a\u0085b\u2028c\u2029d")


@dataclass(frozen=True, slots=True)
class Piece:
    """One token as it goes over the wire."""

    text: str
    is_thought: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """How a protocol writes.

    Attributes:
        line: a piece, framed.
        frame: anything else that comes where a piece would.
        nothing: what says nothing.
    """

    line: Callable[[Piece], bytes]
    frame: Callable[[bytes], bytes] = bytes
    nothing: bytes = b"\n\n"


async def answer(ask: Ask, call: Call) -> None:
    """Answer one request to its end, or until something planned goes wrong."""
    if ask.is_load or (ask.is_render and call.script.shows_prompts):
        await _load(ask, call)
        return
    if ask.model.remote_host:  # runs elsewhere: no slot, no memory of this machine
        await _speak(ask, call, time.monotonic(), 0.0)
        return
    began = time.monotonic()
    script, name = call.script, ask.model.name
    async with call.memory.place(name, script.places, script.max_queue, call.queued):
        call.granted()
        load_s = await call.memory.load(ask.wants, script.load_s, script.memory_holds)
        try:
            await _speak(ask, call, began, load_s)
        finally:
            call.memory.keep(name, ask.keep_alive_s)


async def _load(ask: Ask, call: Call) -> None:
    """Load, unload or show a prompt without a token; a loaded model is granted without waiting for a slot."""
    memory, script, name = call.memory, call.script, ask.model.name
    if ask.keep_alive_s == 0 and ask.is_load:
        memory.keep(name, 0)
    elif not ask.model.remote_host:
        if not memory.holds(ask.wants):
            async with memory.place(name, script.places, script.max_queue, call.queued):
                call.granted()
                await memory.load(ask.wants, script.load_s, script.memory_holds)
        memory.keep(name, ask.keep_alive_s)
    if ask.is_load:
        reason = "unload" if ask.keep_alive_s == 0 else "load"
        told: dict[str, object] = {"done": True, "done_reason": reason}
    else:
        nobody = {"message": {"role": "", "content": ""}} if ask.is_chat else {}
        told = {**nobody, "_debug_info": {"rendered_template": ask.prompt.shown}}
    await call.outlet.whole(200, {**_body(ask, Piece("")), **told})


async def _speak(ask: Ask, call: Call, began: float, load_s: float) -> None:
    pieces, is_cut = planned(call, ask.thinks, ask.num_predict, ask.prompt.begun)
    async with paced(call, ask.model, ask.prompt.read, texts(pieces), is_cut=is_cut) as tempo:
        decoding_since = time.monotonic()
        if not ask.streams:
            await tempo.end(len(pieces))
        elif await stream(call, pieces, Wire(lambda piece: encoded(_body(ask, piece)) + b"\n"), tempo):
            return
    now = time.monotonic()
    last: dict[str, object] = {
        "done": True,
        "done_reason": "length" if is_cut else "stop",
        "total_duration": round((now - began) * _NS),
        **_read_counts(ask, call, tempo, load_s),
        "eval_count": len(pieces),
        "eval_duration": round((now - decoding_since) * _NS) + 1,
    }
    if ask.model.remote_host:
        del last["load_duration"], last["prompt_eval_duration"], last["eval_duration"]
    if not ask.is_chat and not ask.is_raw:
        last["context"] = [11, 12, 13]
    if ask.streams:
        call.outlet.line(encoded({**_body(ask, Piece("")), **last}) + b"\n")
        await call.outlet.end()
        return
    thought = "".join(piece.text for piece in pieces if piece.is_thought)
    text = "".join(piece.text for piece in pieces if not piece.is_thought)
    await call.outlet.whole(200, {**_body(ask, Piece(text), thought), **last})


def _read_counts(ask: Ask, call: Call, tempo: Tempo, load_s: float) -> dict[str, object]:
    """What is said of the prompt: tokens as a whole, and the time of those that had to be read.

    On a machine the parts add up: what is left of the whole is what others made it wait for.
    """
    if (read := tempo.read) is None:
        tokens, loading_ns, reading_ns = ask.prompt_tokens, 20_000_000, 1_000_000
        reading_ns += round(call.script.ttft_s * _NS)
    else:
        tokens, loading_ns = read.cached + read.computed, 1
        reading_ns = round(read.prefill_s * _NS) + 1
    return {
        "load_duration": round(load_s * _NS) + loading_ns,
        "prompt_eval_count": tokens,
        "prompt_eval_duration": reading_ns,
    }


def planned(call: Call, thinks: bool, most: int | None, begun: str = "") -> tuple[list[Piece], bool]:
    """What will be said, and whether it was cut to as many pieces as were asked for.

    Args:
        begun: how the answer begins already: a reply that begins so is gone on with, without a thought.
    """
    script = call.script
    schema = schema_in(call.body) if script.chips is not None else None
    if schema is not None:
        reply = filled(schema, script.chips or ())
    else:
        reply = script.reply(call.body) if callable(script.reply) else script.reply
    thoughts = pieces_of(script.thinking) if thinks and not begun else ()
    pieces = [Piece(text, is_thought=True) for text in thoughts]
    pieces += [Piece(text) for text in rest_of(pieces_of(reply), begun)]
    if call.fault is Fault.SEPARATORS:
        pieces[script.fault_after : script.fault_after] = [Piece(text) for text in _ODD_PIECES]
    if most is not None and len(pieces) > most:
        return pieces[:most], True
    return pieces, False


def texts(pieces: list[Piece]) -> list[str]:
    """The pieces as a runner takes them."""
    return [piece.text for piece in pieces]


async def stream(call: Call, pieces: list[Piece], wire: Wire, tempo: Tempo) -> bool:
    """Say the pieces, each at its time; whether the stream is over because of a fault."""
    script = call.script
    after = min(script.fault_after, len(pieces))
    if call.fault is Fault.KEEP_ALIVES:
        await _keep_alive(call, wire)
        tempo.restart(0)
    await _say(call, wire, pieces[:after], tempo)
    if call.fault is not None:
        sample = wire.line(Piece(" a line that never ends"))
        if await strike(call.fault, call.outlet, sample, script.stall_s, wire.frame):
            return True
        if call.fault is Fault.KEEP_ALIVES_MIDWAY:
            await _keep_alive(call, wire)
        if call.fault in (Fault.STALL_MIDWAY, Fault.KEEP_ALIVES_MIDWAY):
            tempo.restart(after)
    await _say(call, wire, pieces, tempo, sent=after)
    await tempo.end(len(pieces))
    return False


async def _keep_alive(call: Call, wire: Wire) -> None:
    """Signs of life, twenty a second, and nothing else."""
    until = time.monotonic() + call.script.stall_s
    while time.monotonic() < until:
        call.outlet.line(call.script.keep_alive or wire.nothing)
        await call.outlet.flush()
        await asyncio.sleep(0.05)


async def _say(call: Call, wire: Wire, pieces: list[Piece], tempo: Tempo, sent: int = 0) -> None:
    """Send the pieces from `sent` on, each when it is due."""
    gap = wire.nothing if call.fault is Fault.EMPTY_LINES else b""
    while sent < len(pieces):
        due = min(len(pieces), await tempo.due(sent))
        for piece in pieces[sent:due]:
            call.outlet.line(gap + wire.line(piece))
        await call.speaks()
        sent = due
        await asyncio.sleep(0)  # so that a client that leaves is seen


def _body(ask: Ask, piece: Piece, thought: str = "") -> dict[str, object]:
    """A chunk around a piece of text; `thought` is only for an answer that is not streamed."""
    head: dict[str, object] = {"model": ask.model.name, **ask.model.remote(), "created_at": _stamp()}
    text = "" if piece.is_thought else piece.text
    thinking = piece.text if piece.is_thought else thought
    said: dict[str, object] = {"thinking": thinking} if thinking else {}
    if ask.is_chat:
        return {**head, "message": {"role": "assistant", "content": text, **said}, "done": False}
    return {**head, "response": text, **said, "done": False}


def _stamp() -> str:
    """UTC with nanoseconds, as Go writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
