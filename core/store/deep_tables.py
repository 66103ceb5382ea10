"""The tables of deep runs, as the sixth step made them; like every step, never edited again."""

# A run's number is never given out again: what its calls cost is kept under it when the run is long gone.
_DEEP_RUN = """
CREATE TABLE deep_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    answer_id INTEGER NOT NULL REFERENCES answer(id) ON DELETE CASCADE,
    preset TEXT NOT NULL,
    effort TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    address TEXT NOT NULL,
    host TEXT NOT NULL,
    kinds TEXT NOT NULL,
    pack TEXT NOT NULL,
    state TEXT NOT NULL,
    hints TEXT NOT NULL DEFAULT '[]',
    owner TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
)"""

_DEEP_STAGE = """
CREATE TABLE deep_stage (
    run_id INTEGER NOT NULL REFERENCES deep_run(id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    text TEXT NOT NULL,
    thinking TEXT NOT NULL,
    note TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    elapsed_ms REAL,
    usage TEXT NOT NULL,
    usd REAL,
    updated_at REAL NOT NULL,
    PRIMARY KEY (run_id, id)
)"""

# Without a reference to the run: what was spent stays spent when a conversation is deleted.
_DEEP_CALL = """
CREATE TABLE deep_call (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    ended_at REAL NOT NULL,
    provider TEXT NOT NULL,
    address TEXT NOT NULL,
    model TEXT NOT NULL,
    effort TEXT NOT NULL,
    preset TEXT NOT NULL,
    stage TEXT NOT NULL,
    size INTEGER NOT NULL,
    total_ms REAL NOT NULL,
    first_event_ms REAL,
    first_text_ms REAL,
    input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    thinking_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    usd REAL,
    is_whole INTEGER NOT NULL
)"""

_DEEP_INDEXES = (
    "CREATE INDEX deep_run_by_answer ON deep_run(answer_id)",
    # Nearly always empty, so every start can ask at once what was left behind.
    "CREATE INDEX deep_run_open ON deep_run(id)"
    " WHERE state NOT IN ('complete', 'partial', 'failed', 'dropped')",
    "CREATE INDEX deep_call_by_time ON deep_call(ended_at)",
    # Both end in the row's number, so that the newest come first by themselves, of one effort and of all.
    "CREATE INDEX deep_call_alike ON deep_call(model, preset, stage, effort)",
    "CREATE INDEX deep_call_of_any_effort ON deep_call(model, preset, stage)",
)

DEEP_TABLES = (_DEEP_RUN, _DEEP_STAGE, _DEEP_CALL, *_DEEP_INDEXES)
