"""What a followed file may become: a secret, a list of secrets, a link to another place."""

import asyncio
import os
from pathlib import Path

import pytest

from core.context.sources.sources import Sources
from core.events import TurnFinished
from core.secrets import MOST
from tests.core.asking import only
from tests.core.test_engine_following import asked, notes, sources, talk_in
from tests.scripted import ScriptedProvider

TOKEN = "gh" + "p_aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"


async def second_question(folder: Path, before: str, after: str) -> tuple[str, list[str]]:
    """Send a file, change it, ask again: what is sent then, and what is said."""
    provider = ScriptedProvider(["a"])
    file = folder / "a.py"
    file.write_text(before)
    async with talk_in(folder, provider) as t:
        await t.ask("first", attachments=await sources(folder, "a.py"))
        file.write_text(after)
        events = await t.ask("second")
        only(TurnFinished, events)
    return asked(provider.requests[-1]), notes(events)


def test_a_file_that_has_a_secret_by_now_is_not_sent(tmp_path: Path) -> None:
    """The person was shown what went along the first time, and nobody asks them about this one."""
    sent, said = asyncio.run(second_question(tmp_path, "one\n", f"two = '{TOKEN}'\n"))

    assert sent == "second"
    assert any("GitHub token" in note for note in said)


def test_a_short_password_that_became_another_one_is_new(tmp_path: Path) -> None:
    """Both are shown as a mere mark, which says nothing of whether they are the same."""
    sent, said = asyncio.run(second_question(tmp_path, 'password = "kf93-XpQ!"', 'password = "Zt71-bNw?"'))

    assert sent == "second"
    assert any("password …" in note for note in said)


def test_a_secret_that_was_sent_before_is_not_new_when_it_moves(tmp_path: Path) -> None:
    """The person has let it through once; what is around it is what changed."""
    line = 'password = "kf93-XpQ!"\n'
    sent, said = asyncio.run(second_question(tmp_path, line, f"more\n{line}"))

    assert "kf93" in sent
    assert "a.py changed, sent again" in said


def test_a_secret_behind_a_long_list_of_known_ones_is_new(tmp_path: Path) -> None:
    """The bound is for what is told, and not for what is looked at."""
    known = "".join(f"{TOKEN[:-2]}{number:02}\n" for number in range(MOST + 5))
    sent, said = asyncio.run(second_question(tmp_path, known, f"{known}{TOKEN[:-2]}zz\n"))

    assert sent == "second"
    assert any(f"line {MOST + 6}: GitHub token" in note for note in said)


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("is_linked", [False, True], ids=["a file", "a link"])
def test_a_file_that_leads_to_another_place_is_not_sent(tmp_path: Path, is_linked: bool) -> None:
    """The person named what stood there; where a repository lets it lead later, they never saw."""

    async def main() -> None:
        provider = ScriptedProvider(["a"])
        (tmp_path / "private").write_text("of nobody's concern")
        (tmp_path / "real.py").write_text("one")
        file = tmp_path / "a.py"
        file.symlink_to("real.py") if is_linked else file.write_text("one")
        async with talk_in(tmp_path, provider) as t:
            await t.ask("first", attachments=await sources(tmp_path, "a.py"))
            file.unlink()
            file.symlink_to("private")
            moved = await t.ask("second")
            after = await t.ask("third")

        assert asked(provider.requests[1]) == "second"
        assert "a.py leads to another place now; no longer followed" in notes(moved)
        assert asked(provider.requests[2]) == "third"
        assert not any("a.py" in note for note in notes(after))

    asyncio.run(main())


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_file_named_through_a_link_is_followed_as_long_as_it_leads_there(tmp_path: Path) -> None:
    """Links are how many people lay out their files; nothing about one is wrong in itself."""
    (tmp_path / "real #1.py").write_text("one")
    (tmp_path / "a.py").symlink_to("real #1.py")

    async def main() -> None:
        (file,) = await sources(tmp_path, "a.py")
        (tmp_path / "real #1.py").write_text("two")
        newest = await Sources(tmp_path, {}).read_again(file)
        assert (newest.text, newest.name, newest.origin) == ("two", "a.py", file.origin)

    asyncio.run(main())
