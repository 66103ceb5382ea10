"""Answers as they stand in a database when they are over, without anybody having made them."""

from core.store.database import Database

MOMENT = 1_750_000_000.0


def answered(
    database: Database,
    *,
    at: float = MOMENT,
    model: object = "qwen3:4b",
    route: object = "fast",
    place: object = "local",
    state: object = "complete",
    door: str = "screen",
    ttft_ms: object = None,
    total_ms: object = None,
    paint_ms: object = None,
    decode_ms: object = None,
    output_tokens: object = None,
    text: str = "",
) -> int:
    """Put one there; its number."""

    def work(connection):  # type: ignore[no-untyped-def]  # a job of the writer's
        connection.execute(
            "INSERT OR IGNORE INTO conversation (id, title, directory, created_at, updated_at)"
            " VALUES (1, 't', '/x', 0, 0)"
        )
        turn = connection.execute(
            "INSERT INTO turn (conversation_id, position, question, asked_at)"
            " VALUES (1, (SELECT count(*) FROM turn), 'how?', ?)",
            (at,),
        ).lastrowid
        return connection.execute(
            "INSERT INTO answer (turn_id, route, model, provider, place, state, text, started_at, updated_at,"
            " ttft_ms, total_ms, paint_ms, decode_ms, output_tokens, owner, door)"
            " VALUES (?, ?, ?, 'ollama', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'o', ?)",
            (
                *(turn, route, model, place, state, text, at, at),
                *(ttft_ms, total_ms, paint_ms, decode_ms, output_tokens, door),
            ),
        ).lastrowid

    number: int = database.submit(work).result()
    return number
