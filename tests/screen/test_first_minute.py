"""The first minute: whatever is missing, one next step is shown, and nothing that was typed is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.providers.choice import propose
from tests.screen.driving import NOBODY, Person, drive, sent, settings_for
from tests.server import Fault, Loaded, Model, OllamaServer, Pull, Script

EVERYWHERE: tuple[str, ...] = ()


def test_with_a_model_there_the_first_question_is_answered(tmp_path: Path) -> None:
    """All well: nothing stands between the person and the answer, and the footer says who answered."""

    async def scene(person: Person) -> None:
        await person.ask("which command?")
        await person.sees("Use git switch.")
        await person.sees_label()
        await person.sees("nothing leaves this machine")
        assert person.queued == []

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_what_is_typed_before_the_engine_is_open_is_asked(tmp_path: Path) -> None:
    """The engine is opened behind the first paint; a quick person does not wait for it."""

    async def scene(person: Person) -> None:
        for character in "hi":
            person.send_key(character, character)
        person.send_key("enter", "\r")
        await person.sees("› hi")
        await person.has_answer("git")

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


def test_without_a_server_the_next_step_is_said_and_the_question_waits(tmp_path: Path) -> None:
    """Nobody at the address: the screen says how to start one, and shows that the question waits."""

    async def scene(person: Person) -> None:
        await person.sees("ollama serve")
        await person.sees("F8 the demo model")
        await person.ask("why is my test red?")
        await person.sees("› why is my test red? queued")
        await person.until(lambda: person.queued == ["why is my test red?"])
        assert person.typed == ""

    drive(scene, tmp_path)


@pytest.mark.usefixtures("looks_often")
def test_questions_that_waited_run_by_themselves_in_order_when_the_server_starts(tmp_path: Path) -> None:
    """The person need not come back and ask again."""

    async def scene(person: Person) -> None:
        await person.sees("ollama serve")
        await person.ask("first")
        await person.ask("second")
        await person.until(lambda: person.queued == ["first", "second"])
        server.start()
        await person.until(lambda: len(server.requests("/api/chat")) == 2)
        await person.has_answer("git")
        await person.sees_label(times=2)
        assert person.queued == []
        assert "ollama serve" not in person.screen()

    server = OllamaServer()
    server.start()
    server.close()
    drive(scene, tmp_path, server.url)
    server.close()
    assert [sent(server, number) for number in range(len(server.requests("/api/chat")))] == [
        "first",
        "second",
    ]


@pytest.mark.usefixtures("looks_often")
def test_a_question_to_a_server_that_has_gone_waits_for_it_and_is_one_turn(tmp_path: Path) -> None:
    """The server is restarted in the middle of the day: the question is asked once more by itself."""

    async def scene(person: Person) -> None:
        await person.ask("one")
        await person.has_answer("git")
        server.close()
        await person.ask("two")
        await person.sees("queued")
        await person.sees("ollama serve")
        await person.ask("three")
        await person.until(lambda: person.queued == ["two", "three"])
        server.start()
        await person.until(lambda: not person.queued and not person.is_answering)
        assert person.screen().count("Use git switch.") == 3
        turns = person.chat.bridge.turns(person.chat.docket.conversation or 0).page(None, 100)
        assert [turn.question for turn in turns] == ["one", "two", "three"]

    with OllamaServer() as server:
        drive(scene, tmp_path, server.url)


@pytest.mark.usefixtures("looks_often")
def test_without_a_model_one_key_fetches_the_proposed_one_and_then_the_question_runs(tmp_path: Path) -> None:
    """The shortest way from an empty Ollama to an answer: a question, F3, and waiting with a figure."""

    async def scene(person: Person) -> None:
        await person.sees("no local model is installed yet")
        await person.ask("hello?")
        name = (
            person.chat.outlook.proposal.name if person.chat.outlook and person.chat.outlook.proposal else ""
        )
        await person.sees(f"F3 fetches {name}")
        await person.until(lambda: person.queued == ["hello?"])
        await person.press("f3")
        await person.sees(f"{name} ━")
        await person.sees("esc stops")
        await person.has_answer("git")
        assert name in person.chat.status.model
        assert "fetching" not in person.screen()

    script = Script(models=(), pull=Pull(layers=(2_000_000_000, 487), seconds=0.9, step_s=0.05))
    with OllamaServer(script) as server:
        drive(scene, tmp_path, server.url)


def test_the_model_of_the_setting_is_what_is_proposed(tmp_path: Path) -> None:
    """Who has chosen a model is not offered another."""

    async def scene(person: Person) -> None:
        await person.sees("F3 fetches mistral:7b")

    with OllamaServer(Script(models=())) as server:
        drive(scene, tmp_path, settings=settings_for(server.url, model="mistral:7b"))


def test_only_a_cloud_model_is_never_taken_unasked(tmp_path: Path) -> None:
    """What leaves the machine is the person's decision."""

    async def scene(person: Person) -> None:
        await person.sees("no local model is installed yet")
        await person.ask("secret?")
        await person.until(lambda: person.queued == ["secret?"])
        assert not server.requests("/api/chat")

    models = (Model("big:cloud", remote_host="https://ollama.com:443"),)
    with OllamaServer(Script(models=models)) as server:
        drive(scene, tmp_path, server.url)


def test_while_the_model_loads_the_screen_says_so_and_how_long_it_took_last_time(tmp_path: Path) -> None:
    """Past a moment a wait has a reason; a known one has a length."""

    async def first(person: Person) -> None:
        await person.ask("one")
        await person.sees("loading the model ·")
        await person.has_answer("git")

    async def second(person: Person) -> None:
        await person.ask("two")
        await person.sees("(last time ")
        assert "loading the model ·" in person.screen()
        await person.has_answer("git")

    with OllamaServer(Script(load_s=1.6)) as server:
        drive(first, tmp_path, server.url)
        server.unload("qwen3.5:4b")
        drive(second, tmp_path, server.url)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.FORBIDDEN_HOST, "OLLAMA_ORIGINS"),
        (Fault.PROXY_502, ""),
        (Fault.PROXY_200, ""),
        (Fault.OLD_SERVER, ""),
    ],
)
def test_a_server_that_refuses_is_explained_and_the_question_waits(
    tmp_path: Path, fault: Fault, said: str
) -> None:
    """A wall is named, with the way around it; what was typed stays."""

    async def scene(person: Person) -> None:
        await person.until(lambda: person.chat.outlook is not None)
        outlook = person.chat.outlook
        assert outlook is not None
        assert outlook.message
        assert outlook.remedy
        assert said in outlook.remedy
        await person.sees(outlook.message[:30])
        assert person.screen().splitlines()[-3].strip(), "a next step stands above the prompt"
        await person.ask("anyone?")
        await person.until(lambda: person.queued == ["anyone?"])
        await person.sees("› anyone? queued")

    with OllamaServer(Script(fault=fault, fault_paths=EVERYWHERE)) as server:
        drive(scene, tmp_path, server.url)


@pytest.mark.usefixtures("looks_often")
@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.HANG_UP, Fault.RAW_CUT])
def test_a_broken_server_costs_no_question_and_is_used_as_soon_as_it_works(
    tmp_path: Path, fault: Fault
) -> None:
    """Silence, a hung-up line and garbage are states like any other: named, waited out, and left again."""

    async def scene(person: Person) -> None:
        await person.ask("still there?")
        await person.until(lambda: person.chat.outlook is not None)
        assert person.chat.outlook is not None
        await person.sees(person.chat.outlook.message[:40])
        await person.until(lambda: person.queued == ["still there?"])
        server.script = replace(server.script, fault=None)
        await person.has_answer("git")

    script = Script(fault=fault, fault_paths=EVERYWHERE, raw_body=b"\x00\xff<garbage>\n{]")
    with OllamaServer(script) as server:
        drive(scene, tmp_path, server.url)


def test_a_question_the_server_refuses_at_the_third_try_is_shown_and_not_tried_for_ever(
    tmp_path: Path,
) -> None:
    """A server that looks well and whose chat is not there must not be asked in an endless loop."""

    async def scene(person: Person) -> None:
        await person.ask("hello?")
        await person.until(lambda: not person.queued and not person.is_answering)
        assert 1 <= len(server.requests("/api/chat")) <= 6
        await person.sees("failed")

    with OllamaServer(Script(fault=Fault.MODEL_MISSING)) as server:
        drive(scene, tmp_path, server.url)


def test_a_name_that_leads_nowhere_is_said_within_moments(tmp_path: Path) -> None:
    """A typing error in the address is the person's to mend, so it must be named."""

    async def scene(person: Person) -> None:
        await person.sees("leads to no address")
        await person.ask("hi")
        await person.until(lambda: person.queued == ["hi"])

    drive(scene, tmp_path, "http://nobody.invalid:11434")


def test_the_proposal_is_shown_with_its_size(tmp_path: Path) -> None:
    """Two gigabytes are worth knowing before a key is pressed."""

    async def scene(person: Person) -> None:
        await person.sees("GB)")

    assert propose(0).size_gb > 0
    with OllamaServer(Script(models=())) as server:
        drive(scene, tmp_path, server.url)


def test_a_loaded_model_of_another_program_is_not_reloaded(tmp_path: Path) -> None:
    """A good neighbour takes the window that is there."""

    async def scene(person: Person) -> None:
        await person.ask("hi")
        await person.has_answer("git")
        assert server.reloads == 0

    with OllamaServer(Script(loaded=(Loaded("qwen3.5:4b", 16384),))) as server:
        drive(scene, tmp_path, server.url)


def test_nobody_listens_where_these_tests_say_so() -> None:
    """The address of nobody is on this machine, so that no test leaves it."""
    assert "127.0.0.1" in NOBODY
