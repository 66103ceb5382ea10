"""JavaScript and TypeScript: comparison and conversion, the event loop, types."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import code, exactly, letters, one_of

QUESTIONS = (
    QuizQuestion(
        "js-strict-equal",
        "easy",
        "Which JavaScript operator compares two values for equality without converting their types? "
        "Operator only.",
        "===",
        exactly(
            "===",
            "The === operator",
            "=== operator",
            "=== (strict equality)",
            "=== (strict equality operator)",
            "strict equality (===)",
            "Strict equality (===)",
            "Strict equality operator (===)",
        ),
    ),
    QuizQuestion(
        "js-sort",
        "normal",
        "What does this JavaScript line print?\nconsole.log(JSON.stringify([10, 9, 1].sort()))",
        "[1,10,9]",
        code("[1,10,9]"),
    ),
    QuizQuestion(
        "ts-unknown",
        "normal",
        "Which TypeScript type takes every value, like any, but must be narrowed before the value can be "
        "used? Name only.",
        "unknown",
        one_of("unknown", noise="type"),
    ),
    QuizQuestion(
        "js-event-loop",
        "hard",
        "In which order does this JavaScript program print? Write the letters on one line.\n"
        'setTimeout(() => console.log("A"), 0);\n'
        '(async () => { console.log("B"); await null; console.log("C"); })();\n'
        'console.log("D");',
        "B D C A",
        letters("BDCA"),
    ),
    QuizQuestion(
        "js-parse-int",
        "hard",
        'What is the value of this JavaScript expression?\n["10", "10", "10"].map(parseInt)',
        "[10, NaN, 2]",
        code("[10, NaN, 2]"),
    ),
)
