"""Python: what a snippet prints, which exception it raises, what is wrong in three lines."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import code, exactly, numbers, one_of

QUESTIONS = (
    QuizQuestion(
        "py-enumerate",
        "easy",
        "Which built-in function of Python gives pairs of index and item while you loop over a list? Name "
        "only.",
        "enumerate",
        one_of(
            "enumerate",
            "enumerate()",
            "enumerate(list)",
            "enumerate(items)",
            "enumerate(iterable)",
            noise="function built-in",
        ),
    ),
    QuizQuestion(
        "py-key-error",
        "easy",
        'Which exception does this Python line raise? Name only.\n{"a": 1}["b"]',
        "KeyError",
        one_of("KeyError", "KeyError: 'b'", "KeyError:", "builtins.KeyError", noise="exception"),
    ),
    QuizQuestion(
        "py-two-decimals",
        "easy",
        'What does this Python line print?\nprint(f"{2.71828:.2f}")',
        "2.72",
        exactly("2.72"),
    ),
    QuizQuestion(
        "py-default-list",
        "normal",
        "What does the last line of this Python program print?\n"
        "def add(x, acc=[]):\n    acc.append(x)\n    return acc\nadd(1)\nprint(add(2))",
        "[1, 2]",
        code("[1, 2]"),
    ),
    QuizQuestion(
        "py-float-sum",
        "normal",
        "What exactly does this Python line print?\nprint(0.1 + 0.2)",
        "0.30000000000000004",
        exactly("0.30000000000000004"),
    ),
    QuizQuestion(
        "py-off-by-one",
        "normal",
        "This Python loop should add up all items of xs, but misses one:\n"
        "total = 0\nfor i in range(1, len(xs)):\n    total += xs[i]\n"
        "What must stand in place of range(1, len(xs))? Give the expression only.",
        "range(len(xs))",
        code(
            "range(len(xs))",
            "range(0, len(xs))",
            "range(0, len(xs), 1)",
            "for i in range(len(xs)):",
            "for i in range(len(xs))",
            "for i in range(0, len(xs)):",
            "for i in range(0, len(xs))",
        ),
    ),
    QuizQuestion(
        "py-late-binding",
        "hard",
        "What does this Python program print?\nfs = [lambda: i * 10 for i in range(3)]\nprint([f() for f "
        "in fs])",
        "[20, 20, 20]",
        code("[20, 20, 20]"),
    ),
    QuizQuestion(
        "py-generator-twice",
        "hard",
        "What does this Python program print?\ng = (x * x for x in range(4))\nprint(sum(g), sum(g))",
        "14 0",
        numbers(14, 0, units="and then"),
    ),
    QuizQuestion(
        "py-alias",
        "hard",
        "What does this Python program print?\nx = [1]\ny = x\ny += [2]\nx = x + [3]\ny.append(4)\nprint(y)",
        "[1, 2, 4]",
        code("[1, 2, 4]"),
    ),
)
