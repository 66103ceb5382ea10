"""SQL and regular expressions: what a query gives, a pattern that finds this and not that."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import code, finds, numbers, one_of

QUESTIONS = (
    QuizQuestion(
        "sql-having",
        "easy",
        "Which SQL clause filters groups after GROUP BY? Keyword only.",
        "HAVING",
        one_of("HAVING", noise="clause keyword"),
    ),
    QuizQuestion(
        "sql-count-null",
        "normal",
        "The SQL table t has five rows; its column x holds 1, NULL, 3, NULL, NULL. What does this give? "
        "Number only.\nSELECT COUNT(*) * 10 + COUNT(x) FROM t",
        "52",
        numbers(52),
    ),
    QuizQuestion(
        "sql-not-in-null",
        "hard",
        "The SQL table a has the ids 1, 2, 3; the table b has the ids 1 and NULL. How many rows does this "
        "give? Number only.\nSELECT * FROM a WHERE id NOT IN (SELECT id FROM b)",
        "0",
        numbers(0, units="row rows"),
    ),
    QuizQuestion(
        "sql-left-join",
        "hard",
        "The SQL table users has three rows. The first user has 4 rows in orders, the second none, the "
        "third 3. How many rows does this give? Number only.\n"
        "SELECT * FROM users LEFT JOIN orders ON orders.user_id = users.id",
        "8",
        numbers(8, units="row rows"),
    ),
    QuizQuestion(
        "re-three-digits",
        "easy",
        "Write a regular expression that matches a string only if the whole string is exactly three "
        "digits; anchor it at both ends. Expression only.",
        r"^\d{3}$",
        finds("123", "000", "987", but_not=("12", "1234", "a123", "123a", "", "1 3", "abc", "12.")),
    ),
    QuizQuestion(
        "re-hex-colour",
        "normal",
        "Write a regular expression, anchored at both ends, for a colour like #1a2B3c: a # and six "
        "hexadecimal digits of either case. Expression only.",
        "^#[0-9a-fA-F]{6}$",
        finds(
            "#1a2B3c",
            "#000000",
            "#FFFFFF",
            "#abcdef",
            but_not=("1a2B3c", "#1a2", "#1a2B3", "#1a2B3c4", "#1a2B3g", "x#1a2B3c", "#1a2B3c ", "#_a2B3c"),
        ),
    ),
    QuizQuestion(
        "re-needs-digit",
        "hard",
        "Write one regular expression, anchored at both ends, that matches a string only if it has at "
        "least eight characters, all of them ASCII letters or digits, and at least one digit among them. "
        "Expression only.",
        r"^(?=.*\d)[A-Za-z0-9]{8,}$",
        finds(
            "abcdefg1",
            "1abcdefg",
            "abcd1efg",
            "12345678",
            "ABCdef123456",
            but_not=(
                "abcdefgh",
                "abcdef1",
                "abcdef 1",
                "abc-def1",
                "abc_def1",
                "abcdefghijkl",
                "1234567",
                "abcdefg1!",
                "",
            ),
        ),
    ),
    QuizQuestion(
        "re-groups",
        "hard",
        'What does this Python line print?\nprint(re.findall(r"(\\w)\\d", "a1 b22 c"))',
        "['a', 'b']",
        code("['a', 'b']"),
    ),
)
