"""What is measured and done with answers, as the eighth step made it; like every step, never edited.

Signals and measured models stand alone: they name no conversation and hold no text of one, so that they
outlive it.
"""

_OF_ANSWERS = (
    # From the key that sent the question to the first text on the screen; None where no screen showed it.
    "ALTER TABLE answer ADD COLUMN paint_ms REAL",
    "ALTER TABLE answer ADD COLUMN thinking_ms REAL",
    "ALTER TABLE answer ADD COLUMN itl_ms REAL",
    "ALTER TABLE answer ADD COLUMN starved_ms REAL",
    # Of a deep run: so long it was looked at and nothing else was done.
    "ALTER TABLE answer ADD COLUMN blocked_ms REAL",
    "ALTER TABLE answer ADD COLUMN cached_tokens INTEGER",
    "ALTER TABLE answer ADD COLUMN options_hash TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE answer ADD COLUMN effort TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE answer ADD COLUMN door TEXT NOT NULL DEFAULT ''",
    # All that figures are made of: a hundred thousand answers are added up without reading their texts.
    "CREATE INDEX answer_measured ON answer(started_at, model, route, effort, door, place, state, turn_id,"
    " ttft_ms, total_ms, paint_ms, thinking_ms, itl_ms, starved_ms, blocked_ms, load_ms, prefill_ms,"
    " decode_ms, server_ms, output_tokens, usd)",
)

# `answer` and `answered_at` together tell one answer from every other, also when it is gone and its number
# was given out again.
_SIGNAL = """
CREATE TABLE signal (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    answer INTEGER NOT NULL,
    answered_at REAL NOT NULL,
    model TEXT NOT NULL,
    effort TEXT NOT NULL,
    route TEXT NOT NULL,
    door TEXT NOT NULL
)"""

_TUNE_RUN = """
CREATE TABLE tune_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL,
    machine TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    quiz TEXT NOT NULL,
    state TEXT NOT NULL,
    begun_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    cold_ttft_ms REAL,
    prefill_per_s REAL,
    decode_per_s REAL,
    memory_bytes INTEGER,
    vram_bytes INTEGER,
    note TEXT NOT NULL DEFAULT ''
)"""

_TUNE_ANSWER = """
CREATE TABLE tune_answer (
    run_id INTEGER NOT NULL REFERENCES tune_run(id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    is_right INTEGER NOT NULL,
    text TEXT NOT NULL,
    ttft_ms REAL,
    total_ms REAL NOT NULL,
    PRIMARY KEY (run_id, question)
) WITHOUT ROWID"""

_INDEXES = (
    "CREATE INDEX signal_by_answer ON signal(answer, answered_at)",
    "CREATE INDEX signal_by_time ON signal(at)",
    "CREATE INDEX tune_run_by_model ON tune_run(address, machine, digest)",
)

MEASURE_TABLES = (*_OF_ANSWERS, _SIGNAL, _TUNE_RUN, _TUNE_ANSWER, *_INDEXES)
