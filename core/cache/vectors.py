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
from core.store.text import storable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RESCORED = 50
_AT_ONCE = 2000
_LEAST_COSINE = 0.6
"""Below it nothing is worth judging, whatever the model."""
_LARGEST_DIMENSIONS = 8192

_UNEMBEDDED = """
SELECT e.id, e.question FROM indexed i JOIN entry e ON e.id = i.id
WHERE NOT EXISTS (SELECT 1 FROM vector WHERE entry_id = i.id AND digest = ?) ORDER BY i.id DESC LIMIT ?"""


def is_possible() -> bool:
    """Whether numpy is there; looked for, not loaded."""
    return importlib.util.find_spec("numpy") is not None


def unembedded(connection: sqlite3.Connection, digest: str, limit: int) -> list[tuple[int, str]]:
    """Entries that another wording may find and that have no vector of this model yet, newest first."""
    rows = connection.execute(_UNEMBEDDED, (digest, limit)).fetchall()
    return [(row[0], cells.text(row[1])) for row in rows]


def packed(digest: str, pairs: Sequence[tuple[int, Sequence[float]]]) -> list[tuple[object, ...]]:
    """The vectors of some entries as they are stored; what is no vector is left out."""
    import numpy as np

    rows: list[tuple[object, ...]] = []
    for entry, values in pairs:
        vector = _unit(np.asarray(values, dtype=np.float32))
        if vector is not None:
            whole = np.rint(vector * (127.0 / float(np.abs(vector).max()))).astype(np.int8)
            rows.append((storable(digest), vector.size, _bits(vector), whole.tobytes(), entry))
    return rows


def store(connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Keep packed vectors, in place of another model's; an entry that is gone keeps none."""
    connection.executemany(
        "INSERT OR REPLACE INTO vector (digest, dimensions, bits, bytes, entry_id)"
        " SELECT ?, ?, ?, ?, id FROM entry WHERE id = ?",
        rows,
    )


class VectorIndex:
    """The signs of one model's vectors, in memory; it takes in what was added since the last look."""

    def __init__(self, digest: str, dimensions: int) -> None:
        self.digest = digest
        self.dimensions = dimensions
        self._last = 0
        self._ids: list[int] = []
        self._parts: list[NDArray[np.uint64]] = []

    def take_in(self, connection: sqlite3.Connection) -> int:
        """Read some of what is new; how many, 0 when all is there. Short, as others wait to read too."""
        import numpy as np

        rows = connection.execute(
            "SELECT id, entry_id, bits FROM vector WHERE id > ? AND digest = ? AND dimensions = ?"
            " AND length(bits) = ? ORDER BY id LIMIT ?",
            (self._last, self.digest, self.dimensions, _padded(self.dimensions), _AT_ONCE),
        ).fetchall()
        if rows:
            signs = np.frombuffer(b"".join(row[2] for row in rows), dtype=np.uint64)
            self._parts.append(signs.reshape(len(rows), -1).T)
            self._ids += [row[1] for row in rows]
            self._last = rows[-1][0]
        return len(rows)

    def nearest(self, values: Sequence[float]) -> list[int]:
        """The entries whose vectors have the most signs in common, in no order."""
        import numpy as np

        vector = _unit(np.asarray(values, dtype=np.float32))
        if vector is None or vector.size != self.dimensions or not self._parts:
            return []
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts, axis=1)]
        asked = np.frombuffer(_bits(vector), dtype=np.uint64)
        distances = np.zeros(len(self._ids), dtype=np.uint16)
        # Column by column: each is one piece of memory.
        for column, word in zip(self._parts[0], asked, strict=True):
            distances += np.bitwise_count(column ^ word)
        count = min(_RESCORED, len(self._ids))
        return [self._ids[at] for at in np.argpartition(distances, count - 1)[:count]]


def cosines_of(
    connection: sqlite3.Connection, entries: Sequence[int], values: Sequence[float], digest: str
) -> dict[int, float]:
    """How alike the vectors of some entries are, as far as they are worth judging."""
    import numpy as np

    vector = _unit(np.asarray(values, dtype=np.float32))
    if vector is None:
        return {}
    marks = ", ".join(map(str, entries))
    rows = connection.execute(
        f"SELECT entry_id, bytes FROM vector WHERE entry_id IN ({marks})"  # noqa: S608
        " AND digest = ? AND length(bytes) = ?",
        (digest, vector.size),
    ).fetchall()
    cosines = {}
    for entry, data in rows:
        stored = _unit(np.frombuffer(data, dtype=np.int8).astype(np.float32))
        cosine = 0.0 if stored is None else float(stored @ vector)
        if cosine >= _LEAST_COSINE:
            cosines[entry] = cosine
    return cosines


def maybe_by_cosine(
    connection: sqlite3.Connection, wanted: Wanted, cosines: dict[int, float], now: float
) -> Found | None:
    """What an embedding adds: an answer worth a glance, never one to be served."""
    if not wanted.may_be_alike:
        return None
    from core.cache.lookup import found_by_number
    from core.cache.nearest import most_alike_of

    alike = most_alike_of(connection, wanted, cosines, now)
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
