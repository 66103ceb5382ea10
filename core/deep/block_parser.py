"""A small program of its own that parses blocks of code, and runs none of it.

It is a process apart because parsing holds up every thread of its process, because a parser may warn on
stderr, and because a text made for it can bring one down. It is given a file of JSON, ``[[language, code],
…]``, and answers one line for each: empty where it parses, else why it does not.
"""

import json
import sys
import textwrap


def fault_of(language: str, code: str) -> str:
    """Why a block cannot be parsed; empty when it can."""
    try:
        if language == "json":
            json.loads(code)
        elif language == "toml":
            import tomllib

            tomllib.loads(code)
        else:
            import ast

            compile(textwrap.dedent(code), "block", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else error.msg
    except (RecursionError, MemoryError, OverflowError):
        return "it is nested too deeply"
    except ValueError as error:  # of JSON and TOML, and for a NUL in Python
        return str(error) or "it cannot be read"
    return ""


def main(path: str) -> None:
    """Answer for each block as soon as it is parsed: what a later one breaks takes no answer away."""
    with open(path, encoding="utf-8") as file:
        blocks = json.load(file)
    for language, code in blocks:
        sys.stdout.write(" ".join(fault_of(language, code).split()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
