"""What the demo model says in depth: which scene belongs to a request, and what its stage says there."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.messages import Message
from core.providers.demo_answers import Repertoire
from core.providers.demo_failures import explain_failure
from core.providers.demo_speech import compose, last_question

_FILE = re.compile(r'<file name="(?P<name>[^"]*)">\n.*?\n</file>\n\n', re.DOTALL)
_FINDING = "finding "
_LAST_PARAGRAPH = re.compile(r"\n\n[^\n]*\Z")
"""In which a quick answer says that it is the demo's; the deep one says so itself."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What one call says."""

    thinking: str
    text: str


@dataclass(frozen=True, slots=True)
class ScenePart:
    """One part of a scene, as the plan names it and as it is answered."""

    title: str
    question: str
    thinking: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A question thought through: its plan, its parts, its answer.

    Attributes:
        said: the quick answer to the same question, for the words that refer to it.
    """

    thinking: str
    answer: str
    parts: tuple[ScenePart, ...]
    said: str = ""

    def speech(self, asked: str, *, has_findings: bool) -> Speech:
        """What the stage says that asks this."""
        if '"parts"' in asked and "JSON" in asked:
            parts = [{"title": part.title, "question": part.question} for part in self.parts]
            return Speech(_first_sentence(self.thinking), json.dumps({"parts": parts}, indent=1))
        part = next((part for part in self.parts if part.question in asked), None)
        if part is not None and not has_findings:
            return Speech(part.thinking, self._filled(part.text))
        return Speech(self.thinking, self._filled(self.answer))

    def _filled(self, text: str) -> str:
        return text.replace("{first}", self.said.split("\n\n", 1)[0]).replace("{said}", self.said)


def load_scenes() -> Mapping[str, Scene]:
    """Read the scenes that lie beside the demo's deep calls."""
    import tomllib

    with Path(__file__).with_name("demo_deep.toml").open("rb") as file:
        rows = tomllib.load(file)["scene"]
    return {
        row["id"]: Scene(
            row["thinking"].strip(),
            row["answer"].strip(),
            tuple(
                ScenePart(part["title"], part["question"], part["thinking"].strip(), part["text"].strip())
                for part in row["part"]
            ),
        )
        for row in rows
    }


def speech_for(repertoire: Repertoire, scenes: Mapping[str, Scene], messages: tuple[Message, ...]) -> Speech:
    """What is said to a request: the question stands behind its files, and a stage's task behind both."""
    message = last_question(messages)
    names = [match["name"] for match in _FILE.finditer(message)]
    asked = _FILE.sub("", message)
    question = asked.split("\n\n", 1)[0].strip()
    files = "\n".join(match[0] for match in _FILE.finditer(message) if not match["name"].startswith(_FINDING))
    scene = _scene(repertoire, scenes, question, files)
    return scene.speech(asked, has_findings=any(name.startswith(_FINDING) for name in names))


def _scene(repertoire: Repertoire, scenes: Mapping[str, Scene], question: str, files: str) -> Scene:
    if files and (said := explain_failure(question, files)) is not None:
        return _said(scenes["failure"], _LAST_PARAGRAPH.sub("", said))
    known = repertoire.find(question)
    if known is None:
        return _said(scenes["unknown"], compose(repertoire, question).split("\n\n", 1)[0])
    return _said(scenes.get(known.id, scenes["known"]), known.text)


def _said(scene: Scene, said: str) -> Scene:
    return Scene(scene.thinking, scene.answer, scene.parts, said)


def _first_sentence(text: str) -> str:
    return text.split(". ", 1)[0] + "."
