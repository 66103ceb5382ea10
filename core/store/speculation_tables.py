"""The tables of speculation, as the seventh step made them; like every step, never edited again."""

_PREPARED = """
CREATE TABLE prepared (
    key BLOB PRIMARY KEY NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    question TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created_at REAL NOT NULL
)"""

# A row a chip, without its words: how often what kind is taken outlives the conversation. `ended` counts what
# became of offers, so that all chips that were passed by at once have the same number.
_OFFER = """
CREATE TABLE offer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER REFERENCES conversation(id) ON DELETE SET NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    shown_at REAL NOT NULL,
    ended INTEGER,
    mark TEXT NOT NULL DEFAULT '',
    taken_at REAL,
    saved_s REAL NOT NULL DEFAULT 0
)"""

_SPECULATED = """
CREATE TABLE speculated (
    day TEXT NOT NULL,
    purpose TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0,
    wasted INTEGER NOT NULL DEFAULT 0,
    busy_s REAL NOT NULL DEFAULT 0,
    adopted INTEGER NOT NULL DEFAULT 0,
    saved_s REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (day, purpose)
) WITHOUT ROWID"""

_DELAY = """
CREATE TABLE delay (
    id INTEGER PRIMARY KEY,
    address TEXT NOT NULL,
    model TEXT NOT NULL,
    at REAL NOT NULL,
    ms REAL NOT NULL,
    was_prefilling INTEGER NOT NULL
)"""

_INDEXES = (
    "CREATE INDEX prepared_by_time ON prepared(created_at)",
    "CREATE INDEX prepared_by_conversation ON prepared(conversation_id)",
    "CREATE INDEX offer_by_conversation ON offer(conversation_id)",
    "CREATE INDEX offer_by_time ON offer(shown_at)",
    # Both are asked after every answer, on the screen's own thread.
    "CREATE INDEX offer_by_end ON offer(ended) WHERE ended IS NOT NULL",
    "CREATE INDEX offer_taken ON offer(ended, taken_at) WHERE taken_at IS NOT NULL",
    # Ends in the row's number, so that a model's delays come in the order they were measured in.
    "CREATE INDEX delay_by_model ON delay(address, model)",
    "CREATE INDEX delay_by_time ON delay(at)",
)

SPECULATION_TABLES = (_PREPARED, _OFFER, _SPECULATED, _DELAY, *_INDEXES)
