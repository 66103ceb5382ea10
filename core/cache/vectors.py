"""Embeddings of stored questions: a second look-up, which only ever finds what is worth a glance.

A vector is kept as signs (one bit a dimension, searched in memory) and as small whole numbers (read for the
nearest few). Two embedding models share no space, so each vector says which model made it.
"""

import importlib.util
import math
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.cache.found import Found, Wanted
from core.store import cells

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RESCORED = 50
_LEAST_COSINE = 0.6
"""Below it nothing is worth judging, whatever the model."""
_LARGEST_DIMENSIONS = 8192

_UNEMBEDDED = """
SELECT id, question FROM entry
WHERE words <> '' AND NOT EXISTS (SELECT 1 FROM vector WHERE entry_id = entry.id AND digest = ?)
ORDER BY id DESC LIMIT ?"""


def is_possible() -> bool:
    """Whether numpy is there; looked for, not loaded."""
    return importlib.util.find_spec("numpy") is not None


def unembedded(connection: sqlite3.Connection, digest: str, limit: int) -> list[tuple[int, str]]:
    """Entries that another wording may find and that have no vector of this model yet, newest first."""
    rows = connection.execute(_UNEMBEDDED, (digest, limit)).fetchall()
    return [(row[0], cells.text(row[1])) for row in rows]


def store(
    connection: sqlite3.Connection, digest: str, vectors: Sequence[tuple[int, Sequence[float]]]
) -> None:
    """Keep the vectors of some entries, in place of another model's; an entry that is gone keeps none."""
    import numpy as np

    rows = []
    for entry, values in vectors:
        vector = _unit(np.asarray(values, dtype=np.float32))
        if vector is not None:
            whole = np.rint(vector * (127.0 / float(np.abs(vector).max()))).astype(np.int8)
            rows.append((digest, vector.size, _bits(vector), whole.tobytes(), entry))
    connection.executemany(
        "INSERT OR REPLACE INTO vector (entry_id, digest, dimensions, bits, bytes)"
        " SELECT id, ?, ?, ?, ? FROM entry WHERE id = ?",
        rows,
    )


class VectorIndex:
    """The signs of one model's vectors, in memory; it reads what was added since the last look."""

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self._dimensions = 0
        self._last = 0
        self._ids: list[int] = []
        self._signs: NDArray[np.uint64] | None = None

    def nearest(
        self, connection: sqlite3.Connection, values: Sequence[float], limit: int
    ) -> dict[int, float]:
        """The entries with the most alike vectors, and their cosines."""
        import numpy as np

        vector = _unit(np.asarray(values, dtype=np.float32))
        if vector is None:
            return {}
        self._read(connection, vector.size)
        if self._signs is None:
            return {}
        asked = np.frombuffer(_bits(vector), dtype=np.uint64)
        distances = np.zeros(len(self._ids), dtype=np.uint16)
        for column, word in zip(self._signs, asked, strict=True):
            distances += np.bitwise_count(column ^ word)
        count = min(_RESCORED, len(self._ids))
        nearest = np.argpartition(distances, count - 1)[:count]
        return self._rescored(connection, vector, [self._ids[at] for at in nearest], limit)

    def _read(self, connection: sqlite3.Connection, dimensions: int) -> None:
        """Take in what is new; begin anew when a model's vectors changed their length."""
        import numpy as np

        if dimensions != self._dimensions:
            self._dimensions, self._last, self._ids, self._signs = dimensions, 0, [], None
        size = _padded(dimensions)
        rows = connection.execute(
            "SELECT id, entry_id, bits FROM vector WHERE id > ? AND digest = ? AND dimensions = ?"
            " AND length(bits) = ? ORDER BY id",
            (self._last, self.digest, dimensions, size),
        ).fetchall()
        if not rows:
            return
        signs = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.uint64).reshape(len(rows), -1).T
        self._last = rows[-1][0]
        self._ids += [row[1] for row in rows]
        self._signs = (
            np.ascontiguousarray(signs)
            if self._signs is None
            else np.concatenate((self._signs, signs), axis=1)
        )

    def _rescored(
        self, connection: sqlite3.Connection, vector: "NDArray[np.float32]", ids: list[int], limit: int
    ) -> dict[int, float]:
        import numpy as np

        marks = ", ".join(map(str, ids))
        rows = connection.execute(
            f"SELECT entry_id, bytes FROM vector WHERE entry_id IN ({marks}) AND length(bytes) = ?",  # noqa: S608
            (vector.size,),
        ).fetchall()
        cosines = {}
        for entry, data in rows:
            stored = _unit(np.frombuffer(data, dtype=np.int8).astype(np.float32))
            cosine = 0.0 if stored is None else float(stored @ vector)
            if cosine >= _LEAST_COSINE:
                cosines[entry] = cosine
        best = sorted(cosines, key=cosines.__getitem__, reverse=True)[:limit]
        return {entry: cosines[entry] for entry in best}


def maybe_by_vector(
    connection: sqlite3.Connection,
    wanted: Wanted,
    index: VectorIndex,
    values: Sequence[float],
    now: float,
) -> Found | None:
    """What an embedding adds: an answer worth a glance, never one to be served."""
    if not wanted.may_be_alike:
        return None
    from core.cache.lookup import found_by_number
    from core.cache.nearest import most_alike_of

    alike = most_alike_of(connection, wanted, index.nearest(connection, values, _RESCORED), now)
    return None if alike is None else found_by_number(connection, alike)


def _unit(vector: "NDArray[np.float32]") -> "NDArray[np.float32] | None":
    """The vector at length one; None for what is none."""
    if vector.ndim != 1 or not 0 < vector.size <= _LARGEST_DIMENSIONS:
        return None
    length = float(vector @ vector) ** 0.5
    return vector / length if length > 0 and math.isfinite(length) else None


def _bits(vector: "NDArray[np.float32]") -> bytes:
    """The signs, padded to whole words of 64 bits."""
    import numpy as np

    packed = np.packbits(vector > 0).tobytes()
    return packed.ljust(_padded(vector.size), b"\0")


def _padded(dimensions: int) -> int:
    return -(-dimensions // 64) * 8
