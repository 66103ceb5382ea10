"""Runs the person's own ``!command``: its output in the transcript, then a source of the next question."""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.errors import AttachmentRefused
from core.messages import AnswerState, Attachment
from tui.amounts import seconds_text, weight_text
from tui.docket import Docket
from tui.screens.attaching import Attacher
from tui.transcript.view import Transcript

if TYPE_CHECKING:  # running needs more than the first frame does
    from core.context.sources.command import Command


class Stage(Protocol):
    """What running needs of its screen."""

    docket: Docket
    transcript: Transcript
    attacher: Attacher

    def tell(self, text: str, *, is_warning: bool = False) -> None:
        """A toast."""
        ...

    def run_beside(self, work: Coroutine[None, None, None], group: str) -> object:
        """Run a worker beside others of its group."""
        ...


class CommandRunner:
    """One command at a time; only what the person typed."""

    def __init__(
        self, stage: Stage, cwd: Path, environ: Mapping[str, str], clock: Callable[[], float]
    ) -> None:
        self._stage = stage
        self._cwd = cwd
        self._environ = environ
        self._clock = clock
        self._command: Command | None = None
        self._is_stopped = False
        self.typed: set[str] = set()

    def command_in(self, text: str) -> str | None:
        """The command that a text is; None when it is text."""
        if not text.startswith("!"):
            return None
        from core.context.typed_command import typed_command

        return typed_command(text, self._cwd, self._environ)

    def start(self, line: str) -> bool:
        """Run it; False while another one runs."""
        if self._command is not None:
            self._stage.tell("a command is running; esc stops it", is_warning=True)
            return False
        from core.context.sources.command import Command

        self._command = Command(line, self._cwd, self._environ)
        self._is_stopped = False
        self.typed.add(f"!{line}")
        self._stage.run_beside(self._run(self._command, line), "command")
        return True

    def stop(self) -> bool:
        """End the command and all it started; whether one ran."""
        if self._command is None or self._is_stopped:
            return False
        self._is_stopped = True
        self._command.stop()
        return True

    async def _run(self, command: "Command", line: str) -> None:
        stage, begun = self._stage, self._clock()
        key = stage.docket.new_key()
        transcript = stage.transcript
        transcript.begin_output(key, f"!{line}")
        transcript.label(key, "runs · esc stops it")
        stage.attacher.run(line)
        output: Attachment | None = None
        try:
            async with aclosing(command.run()) as pieces:
                async for piece in pieces:
                    if isinstance(piece, str):
                        transcript.append(key, piece)
                    else:
                        output = piece
        except AttachmentRefused as error:
            transcript.note(key, f"{error.message}\n{error.remedy}", "error")
        finally:
            self._command = None
            stage.attacher.run("")
        transcript.label(key, self._ended(output, self._clock() - begun))
        transcript.end_answer(key, AnswerState.COMPLETE if output else AnswerState.FAILED)
        if output is not None and output.text.strip():
            stage.attacher.carry(output)

    def _ended(self, output: Attachment | None, seconds: float) -> str:
        """``exit 1 · 2.1 s · 0.9k tok, goes with the next question``."""
        if output is None:
            return ""
        end = output.name.rpartition(" · ")[2]
        goes = (
            f"{weight_text((output,))}, goes with the next question" if output.text.strip() else "no output"
        )
        return f"{end} · {seconds_text(seconds * 1000)} · {goes}"
