"""A command line by its meaning: quotes, the order of its options and their bundling do not count.

Only read, never run. Enough of a shell's grammar to compare one line with another.
"""

import re

MOST_CHARS = 200
"""No command that anybody is asked for is longer."""
_OPERATOR = re.compile(r"\|\||&&|&>>?|>&|<&|>>|<<|[|&;<>()]")
_ENDS_COMMAND = {"|", "||", "&&", ";", "&", "|&"}
_BUNDLE = re.compile(r"-[A-Za-z]+")
_JOINED = re.compile(r"(?P<option>-[A-Za-z])(?P<value>\d.*|[^A-Za-z0-9-].*)")
_SPECIAL = "*?[$"

Command = tuple[tuple[str, ...], tuple[str, ...]]
"""Its options in a fixed order; program, arguments and redirections as they stand."""


def canonical(line: str) -> tuple[Command, ...]:
    """What a line says, equal for lines that mean the same; empty for what no shell would take."""
    if len(line) > MOST_CHARS:
        return ()
    commands: list[Command] = []
    current: list[str] = []
    for token in [*_tokens(line), ";"]:
        if token in _ENDS_COMMAND:
            if current:
                commands.append(_command(current))
            if token != ";":
                commands.append(((), (token,)))
            current = []
        else:
            current.append(token)
    return tuple(commands)


def _command(tokens: list[str]) -> Command:
    options: set[str] = set()
    rest: list[str] = []
    for token in tokens:
        if token == "--":
            continue
        if token.startswith("--"):
            name, _, value = token.partition("=")
            options.add(name)
            rest += [value] if value else []
        elif _BUNDLE.fullmatch(token):
            options.update(f"-{letter}" for letter in token[1:])
        elif joined := _JOINED.fullmatch(token):
            options.add(joined["option"])
            rest.append(joined["value"])
        elif token.startswith("-") and len(token) > 1:
            options.add(token)
        else:
            rest.append(token)
    return tuple(sorted(options)), tuple(rest)


def _tokens(line: str) -> list[str]:
    """Words and operators; what a quote protects from the shell keeps a backslash before it."""
    tokens: list[str] = []
    word: str | None = None
    at = 0
    while at < len(line):
        char = line[at]
        operator = _OPERATOR.match(line, at)
        if char.isspace() or operator:
            if word is not None:
                tokens.append(word)
                word = None
            if operator:
                tokens.append(operator[0])
            at = operator.end() if operator else at + 1
            continue
        if char in "'\"":
            end = line.find(char, at + 1)
            if end < 0:
                return []
            word = (word or "") + _protected(line[at + 1 : end], is_double=char == '"')
            at = end + 1
            continue
        if char == "\\":
            word = (word or "") + _protected(line[at + 1 : at + 2], is_double=False)
            at += 2
            continue
        word = (word or "") + char
        at += 1
    return tokens if word is None else [*tokens, word]


def _protected(text: str, *, is_double: bool) -> str:
    special = _SPECIAL[:-1] if is_double else _SPECIAL
    return "".join(f"\\{char}" if char in special else char for char in text)
