"""Complexity, data structures, concurrency, number bases, encodings, dates: no manual helps."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import letters, numbers, one_of

QUESTIONS = (
    QuizQuestion(
        "cx-binary-search",
        "easy",
        "What is the worst-case time complexity of binary search in a sorted array of n items? Big O "
        "notation.",
        "O(log n)",
        letters(
            "O(log n)",
            "log n",
            "O(log2 n)",
            "O(log_2 n)",
            "O(lg n)",
            "Θ(log n)",
            "logarithmic",
            "logarithmic, O(log n)",
        ),
    ),
    QuizQuestion(
        "ds-queue",
        "easy",
        "Which data structure gives its items back in the order in which they were put in, first in, first "
        "out? One word.",
        "queue",
        one_of("queue", "FIFO queue", "queue FIFO", noise="data structure"),
    ),
    QuizQuestion(
        "conc-deadlock",
        "easy",
        "Two threads wait for ever, each for a lock that the other one holds. What is this called? One word.",
        "deadlock",
        one_of("deadlock", "dead lock", "dead-lock", "deadlocked"),
    ),
    QuizQuestion(
        "num-hex",
        "easy",
        "What is the hexadecimal number 0x2F in decimal? Number only.",
        "47",
        numbers(47, units="decimal"),
    ),
    QuizQuestion(
        "enc-utf8-bytes",
        "normal",
        "How many bytes does the euro sign take in UTF-8? Number only.",
        "3",
        numbers(3, units="byte bytes"),
    ),
    QuizQuestion(
        "date-year-2100",
        "normal",
        "How many days has the year 2100 in the Gregorian calendar? Number only.",
        "365",
        numbers(365, units="day days"),
    ),
    QuizQuestion(
        "cx-halving",
        "hard",
        "What is the time complexity of this loop in terms of n? Big O notation, simplest form.\n"
        "i = n\nwhile i > 0:\n    for j in range(i):\n        work()  # constant time\n    i //= 2",
        "O(n)",
        letters("O(n)", "Θ(n)", "linear", "linear, O(n)"),
    ),
    QuizQuestion(
        "conc-lost-update",
        "hard",
        "A shared counter is 20. Three threads each run `x = counter; counter = x + 1` once, without a "
        "lock. What is the smallest value that the counter can have in the end? Number only.",
        "21",
        numbers(21),
    ),
    QuizQuestion(
        "num-twos-complement",
        "hard",
        "Which decimal number is 11111010 as an 8-bit two's complement integer? Number only.",
        "-6",
        numbers(-6, units="decimal"),
    ),
    QuizQuestion(
        "date-zones",
        "hard",
        "It is 14:30 in UTC+05:30. What time is it at this moment in UTC-04:00? Write it as HH:MM, 24 hours.",
        "05:00",
        one_of("05:00", "5:00", noise="am utc-04:00 utc-4 utc−04:00"),
    ),
)
