"""What a deep run says to its models beyond the question itself: one task at its end.

The bytes before the task are the same for every call of a run, so that a provider reads them once.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.context.prompt import with_attachments
from core.deep.plan import MOST_PARTS, Part
from core.messages import Attachment, Message

_PLAN = f"""Do not answer this yet. Take it apart: into at most {MOST_PARTS} questions that can be answered \
independently of each other and that together answer it. Each must be understood without the others.

Reply with JSON only:
{{"parts": [{{"title": "a few words", "question": "the whole question"}}]}}

If one answer is enough, or fewer than three such questions make sense, reply {{"parts": []}}."""

_PART = """This is being answered in parts. Answer only this one, to the point, naming the files and lines \
it rests on where there are any; the others are answered elsewhere:

{title}
{question}"""

_WRITE = """The question was taken apart, and what each part found stands above as a finding. Write the \
whole answer: the answer itself first, then what it rests on. Where findings contradict each other, \
decide and say why; say what remains uncertain. Do not speak of parts or findings."""


def plan_task() -> str:
    """Asks for a plan."""
    return _PLAN


def part_task(part: Part) -> str:
    """Asks for one part."""
    return _PART.format(title=part.title, question=part.question)


def write_task(findings: Sequence[tuple[str, str]], missing: Sequence[str]) -> str:
    """Asks for the whole answer.

    Args:
        findings: title and text of each part that has one.
        missing: titles of those that could not be answered.
    """
    named = tuple(
        Attachment(f"finding {number}: {title}", text, "") for number, (title, text) in enumerate(findings, 1)
    )
    lacking = f" Nothing was found on: {'; '.join(missing)}. Say so." if missing else ""
    return with_attachments(f"{_WRITE}{lacking}", named)


def with_task(messages: tuple[Message, ...], task: str, hints: Sequence[str]) -> tuple[Message, ...]:
    """The question with a task behind it, and with what the person has added since."""
    added = [f"The person adds: {hint}" for hint in hints]
    said = "\n\n".join(filter(None, [messages[-1].text, task, *added]))
    return (*messages[:-1], replace(messages[-1], text=said))
