"""The whole screen over an OpenAI-compatible server: asked, stopped, chosen, and missing."""

from dataclasses import replace
from pathlib import Path

from core.settings.model import FastSettings, Settings
from tests.screen.driving import Person, drive
from tests.server import Model, OllamaServer, Script

CHAT = "/v1/chat/completions"


def settings_for(server: OllamaServer) -> Settings:
    """Settings with the other provider."""
    return Settings(fast=FastSettings(provider="openai", base_url=f"{server.url}/v1"))


def test_a_question_is_answered_stopped_and_another_model_chosen(tmp_path: Path) -> None:
    """End to end: the same keys and words as with Ollama."""

    async def scene(person: Person) -> None:
        await person.ask("which command?")
        await person.sees("Use git switch.")
        await person.sees_label("a:1b")
        await person.sees("nothing leaves this machine")
        server.script = replace(server.script, reply=["slow "] * 500, tokens_per_s=20.0)
        await person.ask("again?")
        await person.sees("slow slow")
        await person.press("escape")
        await person.until(lambda: any(record.client_gone_at for record in server.requests(CHAT)))
        server.script = replace(server.script, reply="From the other one.", tokens_per_s=0.0)
        await person.press("f2")
        await person.sees("Which model answers")
        await person.press("down", "enter")
        await person.sees("b:1b")
        await person.ask("and now?")
        await person.sees("From the other one.")
        assert server.requests(CHAT)[-1].body["model"] == "b:1b"

    with OllamaServer(Script(models=(Model("a:1b"), Model("b:1b")))) as server:
        drive(scene, tmp_path, settings=settings_for(server))


def test_without_a_server_the_step_that_helps_here_is_said(tmp_path: Path) -> None:
    """`ollama serve` would start something else."""

    async def scene(person: Person) -> None:
        await person.sees("the model server is not running")
        assert "ollama" not in person.screen().lower()

    server = OllamaServer()
    server.start()
    server.close()
    drive(scene, tmp_path, settings=settings_for(server))
