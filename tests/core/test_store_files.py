"""The database file: private, never harmed, shared, and brought up to date by whoever comes first."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import HouseError, StoreUnavailable
from core.store.database import Database
from core.store.schema import APPLICATION, SCHEMA

ROOT = Path(__file__).parents[2]

OPENER = """
import sys
from pathlib import Path
from core.store.database import Database

for line in sys.stdin:
    try:
        Database.open(Path(line.rstrip("\\n")), lambda: 0.0).close()
        print("opened", flush=True)
    except Exception as error:
        print(f"failed: {error!r} {error.__cause__!r}", flush=True)
"""


def now() -> float:
    return 1_000_000.0


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def child(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def refusal(path: Path) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as caught:
        Database.open(path, now)
    assert str(path) in caught.value.message
    assert caught.value.remedy
    return caught.value


def ours(path: Path) -> None:
    Database.open(path, now).close()


posix_only = pytest.mark.skipif(os.name != "posix", reason="rights are a POSIX matter")


@posix_only
def test_everything_that_is_made_belongs_to_the_user_alone(tmp_path: Path) -> None:
    """Questions hold source code and worse; no umask may open them to other accounts."""
    path = tmp_path / "share" / "leadline" / "leadline.db"
    before = os.umask(0o022)
    try:
        database = Database.open(path, now)
        database.submit(lambda connection: connection.execute("DELETE FROM choice")).result()
    finally:
        os.umask(before)

    assert rights(path.parent) == rights(path.parent.parent) == 0o700
    found = {file.name: rights(file) for file in path.parent.iterdir()}
    assert found == {"leadline.db": 0o600, "leadline.db-wal": 0o600, "leadline.db-shm": 0o600}
    database.close()


@posix_only
def test_a_file_that_others_may_read_is_narrowed(tmp_path: Path) -> None:
    """A backup put back, or an older program, must not leave the history readable for ever."""
    path = tmp_path / "leadline.db"
    first = Database.open(path, now)
    first.submit(lambda connection: connection.execute("DELETE FROM choice")).result()
    files = [path, tmp_path / "leadline.db-wal", tmp_path / "leadline.db-shm"]
    for file in files:
        file.chmod(0o664)

    Database.open(path, now).close()

    assert [rights(file) for file in files] == [0o600] * 3
    first.close()


@posix_only
def test_a_link_to_the_file_is_followed(tmp_path: Path) -> None:
    """Those who keep their files elsewhere get the same privacy there."""
    path = tmp_path / "elsewhere" / "real.db"
    ours(path)
    path.chmod(0o644)
    link = tmp_path / "leadline.db"
    link.symlink_to(path)

    database = Database.open(link, now)
    database.submit(lambda connection: connection.execute("DELETE FROM choice").rowcount).result()

    assert {rights(file) for file in path.parent.iterdir()} == {0o600}
    assert link.is_symlink()
    database.close()


def test_a_new_file_has_the_newest_shape_and_every_setting(tmp_path: Path) -> None:
    """WAL lets two leadlines work at once; foreign keys keep turns and answers together."""
    path = tmp_path / "odd ?#% 目" / "leadline.db"
    database = Database.open(path, now)

    def settings(connection: sqlite3.Connection) -> list[object]:
        names = (
            "user_version",
            "application_id",
            "journal_mode",
            "synchronous",
            "foreign_keys",
            "busy_timeout",
        )
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    expected = [SCHEMA, APPLICATION, "wal", 1, 1, 5000]
    assert database.submit(settings).result() == expected
    assert database.read(settings)[:3] == expected[:3]
    assert database.read(lambda c: c.execute("PRAGMA foreign_key_check").fetchall()) == []
    database.close()


def test_the_steps_of_the_migration_are_as_many_as_the_schema_says() -> None:
    """A step without its number would never be taken on anyone's machine."""
    from core.store.migrations import steps

    assert len(steps._migrations) == SCHEMA


def test_a_current_database_is_opened_without_sqlite_utils(tmp_path: Path) -> None:
    """sqlite-utils costs 50-150 ms, which every start but the first must not pay."""
    path = tmp_path / "leadline.db"
    program = (
        "import sys\nfrom pathlib import Path\nfrom core.store.database import Database\n"
        "import core.store.conversations, core.store.facts\n"
        "Database.open(Path(sys.argv[1]), lambda: 0.0).close()\n"
        "print('sqlite_utils' in sys.modules, 'asyncio' in sys.modules)"
    )

    said = [child(program, str(path)).communicate()[0].split() for _ in range(2)]

    assert said == [["True", "False"], ["False", "False"]]


def test_several_leadlines_may_make_the_same_file_at_once(tmp_path: Path) -> None:
    """A split terminal starts several at once on a fresh machine, and all must come up."""
    several = [child(OPENER) for _ in range(4)]
    said = []
    for round_ in range(20):
        for each in several:
            assert each.stdin is not None
            each.stdin.write(f"{tmp_path / str(round_) / 'leadline.db'}\n")
        for each in several:
            assert each.stdin is not None
            each.stdin.flush()
        for each in several:
            assert each.stdout is not None
            said.append(each.stdout.readline().strip())
    for each in several:
        each.communicate()

    assert said == ["opened"] * 80
    for round_ in range(20):
        connection = sqlite3.connect(tmp_path / str(round_) / "leadline.db")
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (SCHEMA,)
        connection.close()


@pytest.mark.parametrize(
    "content", [b"xy", b"not a database\n", b"# notes\n" * 2000, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    """Whatever stands there may be dear to someone."""
    path = tmp_path / "leadline.db"
    path.write_bytes(content)
    path.chmod(0o644)

    refusal(path)

    assert path.read_bytes() == content
    assert rights(path) == 0o644


def test_a_damaged_database_is_said_to_be_damaged_and_kept(tmp_path: Path) -> None:
    """It may still be saved by those who know how; a program that starts afresh over it ends that."""
    path = tmp_path / "leadline.db"
    ours(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\x5a" * (size - 4096))
    content = path.read_bytes()

    assert "damaged" in refusal(path).message
    assert path.read_bytes() == content


@pytest.mark.parametrize("is_wal", [False, True])
def test_another_programs_database_is_left_alone(tmp_path: Path, is_wal: bool) -> None:
    """A wrong LEADLINE_HOME must not grow our tables in somebody's data."""
    path = tmp_path / "leadline.db"
    connection = sqlite3.connect(path)
    if is_wal:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE turn (mine TEXT)")
    connection.commit()
    connection.close()
    content = path.read_bytes()

    assert "another program" in refusal(path).message
    assert path.read_bytes() == content


def torn_file(path: Path, application: int = APPLICATION) -> None:
    """A file whose program was killed in the middle of a write, before it went over to WAL."""
    torn = path.with_name("torn.db")
    ours(torn)
    writing = sqlite3.connect(torn, isolation_level=None)
    writing.execute(f"PRAGMA application_id = {application}")
    writing.execute("PRAGMA journal_mode = DELETE")
    writing.execute("PRAGMA cache_size = 1")
    writing.execute("BEGIN")
    writing.executemany("INSERT INTO choice VALUES (hex(randomblob(500)), '', '', 0)", [()] * 100)
    # What stands on the disk at this moment is what a crash leaves.
    path.write_bytes(torn.read_bytes())
    journal = path.with_name("torn.db-journal").read_bytes()
    path.with_name("leadline.db-journal").write_bytes(journal)
    writing.close()


def test_a_file_whose_making_was_cut_is_mended(tmp_path: Path) -> None:
    """Such a file can only be looked at by someone who may write, so looking alone must not give up."""
    path = tmp_path / "leadline.db"
    torn_file(path)

    database = Database.open(path, now)

    assert database.read(lambda c: c.execute("SELECT count(*) FROM choice").fetchone()[0]) == 0
    assert database.read(lambda c: c.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"
    database.close()


def test_another_programs_cut_file_is_not_turned_into_ours(tmp_path: Path) -> None:
    """SQLite rolls the cut write back for whoever looks; what it then finds is still not ours."""
    path = tmp_path / "leadline.db"
    torn_file(path, application=7)

    assert "another program" in refusal(path).message

    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


def test_a_database_of_a_newer_leadline_is_not_touched(tmp_path: Path) -> None:
    """After a downgrade the sentence says so, and the newer one finds everything as it was."""
    path = tmp_path / "leadline.db"
    ours(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    path.chmod(0o644)
    content = path.read_bytes()

    error = refusal(path)

    assert "newer leadline" in error.message
    assert "Upgrade" in error.remedy
    assert path.read_bytes() == content
    assert rights(path) == 0o644


def test_a_directory_in_its_place_is_named(tmp_path: Path) -> None:
    """SQLite's own words for it ("unable to open database file") help nobody."""
    path = tmp_path / "leadline.db"
    path.mkdir()

    assert "is a directory" in refusal(path).message


def test_a_place_where_nothing_can_be_made_is_named(tmp_path: Path) -> None:
    """A wrong path in LEADLINE_HOME is the commonest reason, so the path must be in the sentence."""
    (tmp_path / "file").write_text("")

    refusal(tmp_path / "file" / "leadline.db")


def test_a_directory_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """A mounted or foreign home must lead to a sentence, not to a trace."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("nothing is forbidden to this account")

    refusal(closed / "leadline.db")
    refusal(closed / "deeper" / "leadline.db")


def test_a_read_only_file_is_found_before_the_first_question(tmp_path: Path) -> None:
    """Better at the start than when an answer is there and cannot be kept."""
    path = tmp_path / "leadline.db"
    ours(path)
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        pytest.skip("nothing is forbidden to this account")

    assert "read-only" in refusal(path).message


def test_a_write_that_is_refused_says_why(tmp_path: Path) -> None:
    """Full, read-only and locked have different remedies, so they must not sound the same."""
    path = tmp_path / "leadline.db"
    database = Database.open(path, now)

    def failing(setting: str, statement: str, undo: str) -> StoreUnavailable:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(setting).fetchall()
            try:
                connection.execute(statement)
            finally:
                connection.execute(undo).fetchall()

        error = database.submit(work).exception()
        assert isinstance(error, StoreUnavailable)
        assert str(path) in error.message
        assert isinstance(error.__cause__, sqlite3.Error)
        return error

    fill = "INSERT INTO choice VALUES ('a', hex(randomblob(2000000)), '', 0)"
    full = failing("PRAGMA max_page_count = 1", fill, "PRAGMA max_page_count = 1073741823")
    assert "disk is full" in full.message
    forbidden = failing("PRAGMA query_only = 1", "DELETE FROM choice", "PRAGMA query_only = 0")
    assert "read-only" in forbidden.message
    assert "nonsense" in failing("SELECT 1", "SELECT nonsense", "SELECT 1").message
    # None of it is for ever.
    database.submit(lambda connection: connection.execute(fill).rowcount).result()
    database.close()


def test_a_lock_that_someone_keeps_is_waited_for_and_then_named(tmp_path: Path) -> None:
    """A database browser left open is common, and the person can close it, if told."""
    path = tmp_path / "leadline.db"
    database = Database.open(path, now)
    wait = "PRAGMA busy_timeout = 50"
    database.submit(lambda connection: connection.execute(wait).fetchall()).result()
    browser = sqlite3.connect(path, isolation_level=None)
    browser.execute("BEGIN IMMEDIATE")

    error = database.submit(lambda connection: None).exception()

    assert isinstance(error, StoreUnavailable)
    assert "locked" in error.message
    browser.execute("COMMIT")
    database.submit(lambda connection: None).result()
    browser.close()
    database.close()


def test_a_piece_of_work_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """A question without its answer row would be a turn that nothing can be done with."""
    database = Database.open(tmp_path / "leadline.db", now)

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO choice VALUES ('a', 'm', '', 0)")
        raise HouseError("no", "Try otherwise.")

    assert isinstance(database.submit(work).exception(), HouseError)
    assert database.read(lambda c: c.execute("SELECT count(*) FROM choice").fetchone()[0]) == 0
    database.close()


def test_closing_writes_what_was_submitted_and_may_be_done_twice(tmp_path: Path) -> None:
    """Quitting right after an answer must not lose it."""
    path = tmp_path / "leadline.db"
    database = Database.open(path, now)
    insert = "INSERT INTO choice VALUES (hex(randomblob(16)), 'm', '', 0)"
    for _ in range(200):
        future = database.submit(lambda connection: connection.execute(insert).rowcount)
        # Who stops waiting does not take the write back.
        assert not future.cancel()

    database.close()
    database.close()

    assert isinstance(database.submit(lambda connection: None).exception(), StoreUnavailable)
    with pytest.raises(StoreUnavailable):
        database.read(lambda connection: None)
    # Closed in good order, the file alone is the whole database: it can be copied as it stands.
    assert [file.name for file in tmp_path.iterdir()] == ["leadline.db"]
    again = Database.open(path, now)
    assert again.read(lambda c: c.execute("SELECT count(*) FROM choice").fetchone()[0]) == 200
    again.close()


def test_a_database_without_a_file_works_the_same(tmp_path: Path) -> None:
    """The demo and the tests of others need a store that leaves nothing behind."""
    database = Database.open(None, now)
    other = Database.open(None, now)

    database.submit(lambda c: c.execute("INSERT INTO choice VALUES ('a', 'm', '', 0)").rowcount).result()

    assert database.read(lambda c: c.execute("SELECT count(*) FROM choice").fetchone()[0]) == 1
    assert other.read(lambda c: c.execute("SELECT count(*) FROM choice").fetchone()[0]) == 0
    assert list(tmp_path.iterdir()) == []
    other.close()
    database.close()
    database.close()
