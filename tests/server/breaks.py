"""How an answer is broken: before its first byte, and midway."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

from tests.server.call import Call
from tests.server.faults import Fault, Refusal, refusal
from tests.server.wire import Outlet

_HUGE = 9 * 2**20


async def spoil(call: Call) -> bool:
    """Do what a fault does instead of an answer, or before it; whether that was all.

    Raises:
        Refusal: for the faults that have a status.
    """
    match call.fault:
        case None:
            return False
        case Fault.SILENT:
            await asyncio.Event().wait()
        case Fault.REFUSED if call.script.refused is not None:
            told = call.script.refused
            raise Refusal(told.status, told.body, told.headers)
        case Fault.STALL:
            await asyncio.sleep(call.script.stall_s)
            return False
        case Fault.HANG_UP:
            call.outlet.hang_up()
            return True
        case Fault.RAW | Fault.RAW_CUT | Fault.RAW_STALL:
            await _raw(call)
            return True
        case Fault.LOAD_FAILED if call.script.load_s > 0:
            await asyncio.sleep(call.script.load_s)
    refused = refusal(call.fault, str(call.body.get("model", "")))
    if refused is not None:
        raise refused
    return False


async def _raw(call: Call) -> None:
    body = call.script.raw_body
    marks = [0, *sorted({cut for cut in call.script.raw_cuts if 0 < cut < len(body)}), len(body)]
    for begin, end in pairwise(marks):
        if begin == end:
            continue  # an empty chunk would be the end
        call.outlet.line(body[begin:end])
        await call.speaks()
        await asyncio.sleep(0)
    match call.fault:
        case Fault.RAW:
            await call.outlet.end()
        case Fault.RAW_STALL:
            await asyncio.Event().wait()
        case _:
            await call.outlet.cut(b"")


async def strike(
    fault: Fault, outlet: Outlet, sample: bytes, stall_s: float, frame: Callable[[bytes], bytes] = bytes
) -> bool:
    """Do what a fault does midway; whether the stream is over with it. `sample` is a good line, framed."""
    match fault:
        case Fault.ERROR_LINE:
            outlet.line(
                frame(
                    b'{"error":"an error was encountered while running the model: '
                    b'CUDA error: out of memory"}\n'
                )
            )
            await outlet.end()
        case Fault.NO_END:
            await outlet.end()
        case Fault.CUT_LINE:
            await outlet.cut(sample[: len(sample) // 2], of=len(sample))
        case Fault.RESET:
            outlet.line(sample[: len(sample) // 2])
            await outlet.flush()
            outlet.reset()
        case _:
            await _annoy(fault, outlet, sample, stall_s, frame)
            return False
    return True


async def _annoy(
    fault: Fault, outlet: Outlet, sample: bytes, stall_s: float, frame: Callable[[bytes], bytes]
) -> None:
    """The faults after which the stream goes on."""
    match fault:
        case Fault.STALL_MIDWAY:
            await asyncio.sleep(stall_s)
        case Fault.GARBAGE:
            outlet.line(frame(b"<<< this is not JSON >>>\n"))
            await outlet.flush()
        case Fault.HUGE_LINE:
            outlet.line(sample.replace(b" a line", b"x" * _HUGE))
            await outlet.flush()
