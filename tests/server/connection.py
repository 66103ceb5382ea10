"""One connection: request after request, each watched for the client leaving."""

import asyncio
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress

from tests.server.breaks import spoil
from tests.server.call import Call
from tests.server.completions import in_openai_words
from tests.server.faults import Fault, Refusal
from tests.server.journal import Journal
from tests.server.memory import Memory
from tests.server.messages import MESSAGES_PATH, in_anthropic_words
from tests.server.routes import Shelf, respond
from tests.server.script import Script
from tests.server.wire import Inlet, NotHttp, Outlet, Request

Setting = tuple[Script, Fault | None, Memory, Shelf]
"""What holds for one request, asked for when it comes."""


class Connection:
    """A client's connection, kept alive until it leaves or a fault cuts it."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._number = number
        self._inlet = Inlet(reader, writer)
        self._writer = writer
        self._task = asyncio.current_task()

    def drop(self) -> None:
        """Close it without waiting; what is under way ends as if the client had left."""
        self._writer.transport.abort()

    async def ended(self) -> None:
        """Wait until nothing of it runs any more."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def serve(self, journal: Journal, setting: Callable[[str, Mapping[str, object]], Setting]) -> None:
        """Answer until the connection is closed, by either side."""
        try:
            while (request := await self._inlet.request()) is not None:
                body = request.parsed()
                if not await self._answer(request, body, journal, setting(request.path, body)):
                    break
        except NotHttp as odd:
            self._writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            print(f"test server: not understood: {odd}")
        except asyncio.LimitOverrunError:
            print("test server: a request's head is too long")
        finally:
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _answer(
        self, request: Request, body: Mapping[str, object], journal: Journal, setting: Setting
    ) -> bool:
        """Answer one request; whether the connection may be used again."""
        script, fault, memory, shelf = setting
        outlet = Outlet(self._writer, request.method == "HEAD")
        number = journal.arrived(request.method, request.path, self._number, request.headers, body)
        models = shelf.models(script.models)
        call = Call(
            number, request.path, request.headers, body, script, models, fault, memory, outlet, journal
        )
        work = asyncio.create_task(_work(call, request.method, shelf))
        gone = asyncio.create_task(self._inlet.gone())
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            journal.gone(number)
            work.cancel()
            await asyncio.wait({work})
            return False
        gone.cancel()
        await asyncio.wait({gone})
        outcome = work.result()
        if outcome == "gone":
            journal.gone(number)
            return False
        journal.done(number, outcome, outlet.status)
        wants_close = request.headers.get("connection", "").lower() == "close"
        return outlet.is_open and not wants_close


def _in_its_words(path: str, refused: Refusal) -> Refusal:
    """A refusal as the protocol of the path has it."""
    if path == MESSAGES_PATH:
        return in_anthropic_words(refused)
    return in_openai_words(refused) if path.startswith("/v1/") else refused


async def _work(call: Call, method: str, shelf: Shelf) -> str:
    """Answer, and say what became of it."""
    usual = "done" if call.fault is None else call.fault.value
    try:
        if not await spoil(call):
            await respond(call, method, shelf)
    except Refusal as refused:
        refusal = _in_its_words(call.path, refused)
        try:
            await call.outlet.whole(refusal.status, refusal.body, refusal.headers)
        except ConnectionError:
            return "gone"
        return "refused" if call.fault is None else usual
    except ConnectionError:
        return "gone"
    except Exception:  # noqa: BLE001 - the worker's edge: a script's callable may raise anything, and must be seen
        traceback.print_exc()
        call.outlet.hang_up()
        return "crashed"
    return usual
