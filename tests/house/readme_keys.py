"""Writes README's table of keys from the one table in `tui.keys`: ``python -m tests.house.readme_keys``."""

from pathlib import Path

from tui.keys import ACTIONS, help_lines

README = Path(__file__).resolve().parents[2] / "README.md"
BEGIN, END = "<!-- keys:", "<!-- /keys -->"


def table() -> str:
    """The keys as a Markdown table."""
    rows = [f"| {label} | {words} |" for label, words in help_lines(ACTIONS)]
    return "\n".join(["| key · command | what it does |", "| --- | --- |", *rows])


def with_table(readme: str) -> str:
    """README with its table made anew."""
    head, _, rest = readme.partition(BEGIN)
    mark, _, rest = rest.partition("\n")
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{mark}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
