"""What a deep question is sent with, weighed and looked through before anything leaves."""

import asyncio
import json
from dataclasses import replace

import pytest

from core.context.instructions import Instructions
from core.context.prompt import build_messages
from core.deep.pack import (
    PackTooLarge,
    build_pack,
    kinds_of,
    messages_of,
    refuse_too_large,
    source_kind,
    tokens_of,
)
from core.deep.pack_json import PackDamaged, pack_from_json, pack_to_json
from core.deep.question import ItemKind, Pack, PackItem
from core.messages import Answer, AnswerState, Attachment, Role, Route, Turn

KEY = "AKI" + "AIOSFODNN7EXBMPLE"
RULES = Instructions(".leadline.md", "Use tabs.", "ab" * 32)


def _file(name: str, text: str = "x = 1\n", origin: str = "") -> Attachment:
    return Attachment(name, text, "00" * 32, origin)


def _turn(number: int, question: str, answer: str | None, *attachments: Attachment) -> Turn:
    said = answer and Answer(number, number, Route.FAST, "m", "p", "local", AnswerState.COMPLETE, answer, 0.0)
    return Turn(number, 1, question, 0.0, attachments, current=said or None)


def _built(
    question: str = "Why?",
    turns: tuple[Turn, ...] = (),
    attachments: tuple[Attachment, ...] = (),
    instructions: Instructions | None = None,
) -> Pack:
    return asyncio.run(build_pack(question, "", instructions, turns, attachments))


def test_what_is_sent_is_what_the_fast_model_is_sent() -> None:
    """Depth means the same question with the same context."""
    turns = (_turn(8, "What is it?", "A list.", _file("a.py")), _turn(9, "And now?", None))
    sources = (_file("b.py", "y = 2\n"), _file("diff", "+z\n"))

    pack = _built("Why?", turns, sources, RULES)

    system = messages_of(pack)[0].text
    assert system.endswith("The project says in its .leadline.md:\n\nUse tabs.")
    assert messages_of(pack) == build_messages(system, turns, "Why?", sources)
    assert [item.id for item in pack.items] == ["instructions", "turn-1", "source-1", "source-2"]
    assert [item.label for item in pack.items] == [".leadline.md", "turn 1", "b.py", "diff"]


def test_a_turn_keeps_its_number_when_one_before_it_has_no_answer() -> None:
    """The row names turns as the person counts them on the screen."""
    pack = _built("Why?", (_turn(4, "one", None), _turn(5, "two", "2"), _turn(6, "three", "3")))

    assert [item.label for item in pack.items] == ["turn 2", "turn 3"]


def test_what_is_struck_is_neither_sent_nor_counted_nor_named_as_a_kind() -> None:
    """A person who strikes the one file with a key must be able to rely on it."""
    turns = (_turn(1, "one", "1"),)
    pack = _built("Why?", turns, (_file(".env", f"AWS={KEY}\n"), _file("b.py", "y = 2\n")), RULES)
    assert len(pack.secrets) == 1

    less = pack.toggled("source-1").toggled("instructions").toggled("turn-1")

    said = "".join(message.text for message in messages_of(less))
    assert KEY not in said
    assert "tabs" not in said
    assert "one" not in said
    assert "b.py" in said
    assert not less.secrets
    assert kinds_of(less) == {"question", "source:file"}
    assert tokens_of(less) < tokens_of(pack)
    assert less.toggled("source-1").toggled("instructions").toggled("turn-1") == pack


def test_secrets_are_found_wherever_they_would_leave_from_and_never_told() -> None:
    """A key pasted into an earlier turn leaves as surely as one in a file."""
    where = {
        "the question": _built(f"Is {KEY} mine?"),
        "turn 1's question": _built("Why?", (_turn(1, f"Is {KEY} mine?", "Yes."),)),
        "turn 1's answer": _built("Why?", (_turn(1, "Whose?", f"{KEY} is."),)),
        "a.py": _built("Why?", (_turn(1, "Whose?", "Mine.", _file("a.py", f"k = '{KEY}'")),)),
        "b.py": _built("Why?", (), (_file("b.py", f"k = '{KEY}'"),)),
        ".leadline.md": _built("Why?", (), (), Instructions(".leadline.md", f"Use {KEY}.", "ab" * 32)),
    }
    for place, pack in where.items():
        assert pack.secrets == (f"{place} line 1: AWS access key …{KEY[-4:]}",)


def test_a_large_thread_is_looked_through_without_holding_up_the_screen() -> None:
    """Half a megabyte of history takes a while; the loop goes on meanwhile."""

    async def turns_of_the_loop() -> int:
        building = asyncio.ensure_future(
            build_pack("Why?", "", None, (_turn(1, "one", "a = b + c  # so it is\n" * 20_000),), ())
        )
        turns = 0
        while not building.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert (await building).items
        return turns

    assert asyncio.run(turns_of_the_loop()) >= 3  # one, if it were not in a thread


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("source:file", _file("a.py", origin="file:/home/me/a.py#1-2")),
        ("source:file", _file("a.py")),
        ("source:diff", _file("staged", origin="staged:/home/me/project")),
        ("source:diff", _file("diff", origin="diff:/home/me/project")),
        ("source:stdin", _file("stdin")),
        ("source:clip", _file("clip")),
        ("source:pane", _file("pane %3 · vim")),
        ("source:command", _file("! pytest -q · exit 1")),
        ("source:file", _file("weird", origin="nonsense:/x")),
    ],
)
def test_a_source_says_what_kind_it_is(kind: str, source: Attachment) -> None:
    """Whoever agreed to send a file has not agreed to send the pane beside it."""
    assert source_kind(source) == kind
    assert kinds_of(_built("Why?", (), (source,))) == {"question", kind}
    assert kinds_of(_built("Why?", (_turn(1, "a", "b", source),))) == {"question", "turn", kind}


def test_a_window_that_is_too_small_is_said_with_what_takes_the_room() -> None:
    """Nothing is cut silently, and the person sees what to strike."""
    sizes = {"a": 50, "b": 900, "c": 20, "d": 400}
    sources = tuple(_file(f"{name}.py", "word " * size) for name, size in sizes.items())
    pack = _built("Why?", (), sources)

    with pytest.raises(PackTooLarge) as caught:
        refuse_too_large(pack, 1000, 100)

    assert [item.label for item in caught.value.largest] == ["b.py", "d.py", "a.py"]
    assert caught.value.kind == "context_full"
    assert f"b.py ({caught.value.largest[0].tokens:,})" in caught.value.remedy
    assert "strike" in caught.value.remedy
    refuse_too_large(pack.toggled("source-2"), 1000, 100)
    refuse_too_large(pack, 0, 100)


def test_a_pack_comes_back_from_the_journal_as_it_was() -> None:
    """A resumed run sends the same bytes, whatever odd text they are."""
    odd = 'ü\u2028\u0085\x00"\\ 🙂 </file>'
    turns = (_turn(1, odd, odd, _file("pane %1", odd)),)
    pack = _built(f"Is {KEY} {odd}?", turns, (_file(odd, odd, "file:/a%20b"),), RULES)

    again = pack_from_json(pack_to_json(pack))

    assert again == pack
    assert messages_of(again) == messages_of(pack)
    assert pack_to_json(again) == pack_to_json(pack)


def test_whatever_is_damaged_in_the_journal_is_said_and_never_sent() -> None:
    """Half a pack must not go out as if it were the whole."""
    pack = _built("Why?", (_turn(1, "one", "1"),), (_file("a.py"),), RULES)
    whole = pack_to_json(pack)
    written = json.loads(whole)
    damaged = [whole[:end] for end in range(len(whole))]
    damaged += ["null", "[]", "7", '"x"', "[" * 100_000, '{"version":1}']
    for name in written:
        damaged += [json.dumps(written | {name: value}) for value in (None, 7, [7], {"a": 1})]
        damaged.append(json.dumps({key: value for key, value in written.items() if key != name}))
    for number, item in enumerate(written["items"]):
        for name in item:
            for value in (7.5, [7], [[7, 8]], {"a": 1}, ["x"] if name in ("messages", "attachment") else -1):
                items = [*written["items"]]
                items[number] = item | {name: value}
                damaged.append(json.dumps(written | {"items": items}))
    for text in damaged:
        with pytest.raises(PackDamaged):
            pack_from_json(text)


def test_messages_of_a_pack_that_was_put_together_by_hand_end_with_the_question() -> None:
    """Who sends a task adds it to the last message, which is always the person's."""
    pack = Pack("Why?", "Think.", (PackItem("turn-1", ItemKind.TURN, "turn 1", 3),))

    assert messages_of(pack)[-1].role is Role.USER
    assert messages_of(replace(pack, items=()))[-1].text == "Why?"
