"""How the database came to its shape, step by step; a released step is never edited.

Importing this imports sqlite-utils: only `core.store.schema` does so, for a file that is not current.
"""

import sqlite3

from sqlite_utils import Database, Migrations

from core.store.deep_tables import DEEP_TABLES
from core.store.measure_tables import MEASURE_TABLES
from core.store.schema import APPLICATION, SCHEMA, shape_inside
from core.store.speculation_tables import SPECULATION_TABLES

steps = Migrations("leadline")


def migrate(connection: sqlite3.Connection, where: str) -> None:
    """Take the steps that are missing, all or none, while nobody else writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another leadline may have been quicker, or be newer.
        shape = shape_inside(connection)
        shape.check(where)
        if shape.version < SCHEMA:
            steps.apply(Database(connection, execute_plugins=False))
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@steps()
def m001_turns_and_answers(db: Database) -> None:
    """Conversations of turns, several answers a turn, and what is known about models."""
    for sql in (_CONVERSATION, _TURN, _ATTACHMENT, _ANSWER, _MODEL_FACT, _CHOICE, *_INDEXES):
        db.execute(sql)


@steps()
def m002_sources(db: Database) -> None:
    """Where an attachment can be read again, whether it still is, and how a model cuts text into tokens."""
    for sql in (
        "ALTER TABLE attachment ADD COLUMN origin TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE attachment ADD COLUMN is_followed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE model_fact ADD COLUMN bytes_per_token REAL",
    ):
        db.execute(sql)


@steps()
def m003_answer_cache(db: Database) -> None:
    """Which stored answers may serve again, the words they are found by, and what people said to that."""
    for sql in (_ENTRY, _INDEXED, _ENTRY_WORDS, _WORD, _NEVER, _ACT, _VECTOR, _EMBEDDER, *_CACHE_INDEXES):
        db.execute(sql)


@steps()
def m004_source_of_answers(db: Database) -> None:
    """Of an answer that was there before, the question it was first given to, and when."""
    for sql in (
        "ALTER TABLE answer ADD COLUMN source TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE answer ADD COLUMN source_at REAL",
    ):
        db.execute(sql)


@steps()
def m005_history(db: Database) -> None:
    """Words by which questions and answers are found, and conversations that were deleted."""
    for sql in (
        "CREATE VIRTUAL TABLE question_words USING fts5(text, content='', prefix='1 2 3',"
        " tokenize='porter unicode61')",
        "CREATE VIRTUAL TABLE answer_words USING fts5(text, content='', prefix='1 2 3',"
        " tokenize='porter unicode61')",
        "INSERT INTO question_words(rowid, text) SELECT id, question FROM turn",
        "INSERT INTO answer_words(rowid, text) SELECT id, text FROM answer"
        " WHERE state <> 'streaming' AND text <> ''",
        "ALTER TABLE conversation ADD COLUMN deleted_at REAL",
        "CREATE INDEX conversation_deleted ON conversation(deleted_at) WHERE deleted_at IS NOT NULL",
    ):
        db.execute(sql)


@steps()
def m006_deep_runs(db: Database) -> None:
    """Deep runs with their stages, so that none is paid for twice; and every deep call, so that caps hold."""
    for sql in (
        *DEEP_TABLES,
        "ALTER TABLE answer ADD COLUMN preset TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE answer ADD COLUMN usd REAL",
        "ALTER TABLE answer ADD COLUMN is_usd_exact INTEGER NOT NULL DEFAULT 0",
    ):
        db.execute(sql)


@steps()
def m007_speculation(db: Database) -> None:
    """Answers made ahead, what was offered and taken, what it cost, and whom it held up."""
    for sql in SPECULATION_TABLES:
        db.execute(sql)


@steps()
def m008_measurement(db: Database) -> None:
    """Times of every kind with each answer, what the person did with it, and models as they were measured."""
    for sql in MEASURE_TABLES:
        db.execute(sql)


_CONVERSATION = """
CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    directory TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
)"""

_TURN = """
CREATE TABLE turn (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    asked_at REAL NOT NULL,
    current_answer_id INTEGER REFERENCES answer(id) ON DELETE SET NULL
)"""

_ATTACHMENT = """
CREATE TABLE attachment (
    id INTEGER PRIMARY KEY,
    turn_id INTEGER NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    sha256 TEXT NOT NULL
)"""

_ANSWER = """
CREATE TABLE answer (
    id INTEGER PRIMARY KEY,
    turn_id INTEGER NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
    route TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    place TEXT NOT NULL,
    state TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    thinking TEXT NOT NULL DEFAULT '',
    started_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    ttft_ms REAL,
    total_ms REAL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    load_ms REAL,
    prefill_ms REAL,
    decode_ms REAL,
    server_ms REAL,
    options TEXT NOT NULL DEFAULT '{}',
    owner TEXT NOT NULL
)"""

_MODEL_FACT = """
CREATE TABLE model_fact (
    address TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    num_ctx INTEGER NOT NULL,
    largest INTEGER NOT NULL,
    load_ms REAL,
    think TEXT NOT NULL,
    remote_host TEXT NOT NULL,
    updated_at REAL NOT NULL,
    PRIMARY KEY (address, model)
)"""

_CHOICE = """
CREATE TABLE choice (
    address TEXT PRIMARY KEY NOT NULL,
    model TEXT NOT NULL,
    reason TEXT NOT NULL,
    chosen_at REAL NOT NULL
)"""

_INDEXES = (
    "CREATE INDEX conversation_by_directory ON conversation(directory, updated_at)",
    "CREATE INDEX conversation_by_time ON conversation(updated_at)",
    "CREATE UNIQUE INDEX turn_by_position ON turn(conversation_id, position)",
    "CREATE INDEX turn_by_current_answer ON turn(current_answer_id)",
    "CREATE INDEX attachment_by_turn ON attachment(turn_id)",
    "CREATE INDEX answer_by_turn ON answer(turn_id)",
    # Nearly always empty, so every start can ask at once what was interrupted.
    "CREATE INDEX answer_streaming ON answer(id) WHERE state = 'streaming'",
)

# An entry's number is never given out again, or a later one might be found by the words of the one before it.
_ENTRY = """
CREATE TABLE entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL,
    depth INTEGER NOT NULL,
    scope BLOB NOT NULL,
    model_key BLOB NOT NULL,
    asked BLOB NOT NULL,
    stands_alone INTEGER NOT NULL,
    is_exact_only INTEGER NOT NULL,
    is_pinned INTEGER NOT NULL DEFAULT 0,
    expires_at REAL NOT NULL,
    answer_id INTEGER NOT NULL REFERENCES answer(id) ON DELETE CASCADE,
    created_at REAL NOT NULL,
    used_at REAL NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL,
    bytes INTEGER NOT NULL,
    kind TEXT NOT NULL,
    origin TEXT NOT NULL,
    question TEXT NOT NULL,
    parsed TEXT NOT NULL
)"""

# What stands in the index below, which keeps no text of its own. Without a reference to the entry: where that
# is deleted by a cascade, this row stays and tells upkeep what to take out of the index.
_INDEXED = """
CREATE TABLE indexed (
    id INTEGER PRIMARY KEY,
    scope BLOB NOT NULL,
    words TEXT NOT NULL
)"""

_ENTRY_WORDS = """
CREATE VIRTUAL TABLE entry_words USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')
"""

_WORD = "CREATE TABLE word (word TEXT PRIMARY KEY NOT NULL, entries INTEGER NOT NULL) WITHOUT ROWID"

_NEVER = """
CREATE TABLE never (
    a BLOB NOT NULL,
    b BLOB NOT NULL,
    differs TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (a, b)
) WITHOUT ROWID"""

_ACT = """
CREATE TABLE act (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    what TEXT NOT NULL,
    outcome TEXT NOT NULL,
    differs TEXT NOT NULL,
    entry_id INTEGER REFERENCES entry(id) ON DELETE SET NULL,
    seconds REAL NOT NULL DEFAULT 0
)"""

_VECTOR = """
CREATE TABLE vector (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id INTEGER UNIQUE NOT NULL REFERENCES entry(id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    dimensions INTEGER NOT NULL,
    bits BLOB NOT NULL,
    bytes BLOB NOT NULL
)"""

_EMBEDDER = """
CREATE TABLE embedder (
    address TEXT NOT NULL,
    digest TEXT NOT NULL,
    is_harmless INTEGER NOT NULL,
    tried_at REAL NOT NULL,
    PRIMARY KEY (address, digest)
) WITHOUT ROWID"""

_CACHE_INDEXES = (
    "CREATE UNIQUE INDEX entry_by_key ON entry(key, depth)",
    # Whoever says the same in other words mostly says the same words.
    "CREATE INDEX indexed_by_words ON indexed(words)",
    "CREATE INDEX entry_by_answer ON entry(answer_id)",
    "CREATE INDEX entry_by_expiry ON entry(expires_at)",
    "CREATE INDEX act_by_entry ON act(entry_id)",
)
