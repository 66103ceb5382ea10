"""Vectors of stored questions are found again by their signs, and damaged ones harm nothing."""

import random
import sqlite3
from collections.abc import Iterator

import pytest

from core.cache.vectors import VectorIndex, cosines_of, packed, store, unembedded
from tests.core.cache_stage import Stage

DIGEST = "sha256:e"
MANY = 4500


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.database.close()


def vector(chance: random.Random, dimensions: int) -> list[float]:
    return [chance.gauss(0, 1) for _ in range(dimensions)]


def fill(stage: Stage, vectors: list[list[float]]) -> list[int]:
    """An entry for each vector; all to one answer, since nobody reads it."""
    answer = stage.answer("what is it?").answer

    def work(connection: sqlite3.Connection) -> list[int]:
        entries = []
        for number in range(len(vectors)):
            row = connection.execute(
                "INSERT INTO entry (key, depth, scope, model_key, asked, stands_alone, is_exact_only,"
                " expires_at, answer_id, created_at, used_at, seconds, bytes, kind, origin, question, parsed)"
                " VALUES (?, 0, x'', x'', x'', 1, 0, 0, ?, 0, 0, 0, 0, '', '', '', '')",
                (number.to_bytes(4), answer),
            )
            entries.append(row.lastrowid or 0)
        store(connection, packed(DIGEST, list(zip(entries, vectors, strict=True))))
        return entries

    return stage.database.submit(work).result()


def found_by(stage: Stage, index: VectorIndex, wanted: list[float]) -> int | None:
    while stage.database.read(index.take_in):
        pass
    near = index.nearest(wanted)
    cosines = stage.database.read(lambda connection: cosines_of(connection, near, wanted, DIGEST))
    return max(cosines, key=cosines.__getitem__, default=None)


@pytest.mark.parametrize("dimensions", [384, 100])
def test_a_vector_is_found_among_thousands_by_its_signs(stage: Stage, dimensions: int) -> None:
    """More than one read's worth, and a length that fills no whole words: both must find the same one."""
    chance = random.Random(3)
    vectors = [vector(chance, dimensions) for _ in range(MANY if dimensions == 100 else 200)]
    entries = fill(stage, vectors)
    index = VectorIndex(DIGEST, dimensions)

    for at in (0, 7, len(vectors) - 1):
        near = [value + chance.gauss(0, 0.3) for value in vectors[at]]
        assert found_by(stage, index, near) == entries[at]


def test_what_is_stored_later_is_taken_in_at_the_next_look(stage: Stage) -> None:
    """Questions are embedded newest first, so numbers do not come in order."""
    chance = random.Random(4)
    first, second = vector(chance, 64), vector(chance, 64)
    index = VectorIndex(DIGEST, 64)
    (one,) = fill(stage, [first])
    assert found_by(stage, index, first) == one
    stage.run("DELETE FROM vector")
    stage.run("UPDATE entry SET key = x'ff'")
    (two,) = fill(stage, [second])
    rows = packed(DIGEST, [(one, first)])
    stage.database.submit(lambda connection: store(connection, rows)).result()

    assert found_by(stage, index, second) == two
    assert found_by(stage, index, first) == one


def test_what_is_no_vector_is_not_stored_and_not_asked_for(stage: Stage) -> None:
    """A server may send zeros; a row may be damaged; neither may end a look-up."""
    nothing = [[0.0] * 64, [float("nan")] * 64, [float("inf")] * 64, []]
    assert packed(DIGEST, list(enumerate(nothing))) == []

    (entry,) = fill(stage, [vector(random.Random(5), 64)])
    index = VectorIndex(DIGEST, 64)
    assert index.nearest([0.0] * 64) == []
    assert index.nearest([1.0] * 32) == []
    stage.run("UPDATE vector SET bits = x'00', bytes = x'00' WHERE entry_id = ?", (entry,))
    assert found_by(stage, index, [1.0] * 64) is None


def test_only_what_another_wording_may_find_is_embedded(stage: Stage) -> None:
    """A question about a file, or one whose answer deletes something, is found by its key alone."""
    alone = stage.keep("how do I undo the last commit in git?").entry
    stage.keep("how do I undo this merge in git?", has_attachments=True)
    stage.keep("how do I delete all branches in git?", "git branch -D name")

    waiting = stage.database.read(lambda connection: unembedded(connection, DIGEST, 9))
    assert waiting == [(alone, "how do I undo the last commit in git?")]
