"""The shell: one command that does it, pipes and streams, what a line of bash prints."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import command, exactly, numbers

QUESTIONS = (
    QuizQuestion(
        "shell-count-lines",
        "easy",
        "Which shell command prints how many lines the file app.log has? Give the command only.",
        "wc -l app.log",
        command(
            "wc -l app.log",
            "wc --lines app.log",
            "wc -l < app.log",
            "cat app.log | wc -l",
            "grep -c '' app.log",
            "grep -c ^ app.log",
            "grep -c '^' app.log",
            "sed -n '$=' app.log",
            "awk 'END{print NR}' app.log",
            "awk 'END {print NR}' app.log",
            "awk 'END { print NR }' app.log",
        ),
    ),
    QuizQuestion(
        "shell-exit-status",
        "easy",
        "In bash, which special variable holds the exit status of the last command? Give it with its $ sign.",
        "$?",
        exactly("$?", "${?}", "echo $?"),
    ),
    QuizQuestion(
        "shell-find-python",
        "easy",
        "Which find command lists all regular files below the current directory whose name ends in .py? "
        "Give the command only.",
        "find . -type f -name '*.py'",
        command(
            *(
                f"find {start}{tests}{end}"
                for start in ("", ". ", "./ ")
                for tests in ("-type f -name '*.py'", "-name '*.py' -type f")
                for end in ("", " -print")
            )
        ),
    ),
    QuizQuestion(
        "shell-both-streams",
        "normal",
        "Which bash command runs make so that both its output and its errors go to the file build.log and "
        "not to the terminal? Give the command only.",
        "make > build.log 2>&1",
        command(
            "make > build.log 2>&1",
            "make >build.log 2>& 1",
            "make 1> build.log 2>&1",
            "make &> build.log",
            "make >& build.log",
            "make 2> build.log 1>&2",
            "make 2> build.log >&2",
            "make >> build.log 2>&1",
            "make &>> build.log",
        ),
    ),
    QuizQuestion(
        "shell-frequency",
        "normal",
        "Which pipeline of sort and uniq prints each distinct line of names.txt with the number of times "
        "it occurs, the most frequent line first? Give the command only.",
        "sort names.txt | uniq -c | sort -rn",
        command(
            *(
                f"{start} | uniq {count} | sort {order}"
                for start in (
                    "sort names.txt",
                    "sort < names.txt",
                    "cat names.txt | sort",
                )
                for count in ("-c", "--count")
                for order in (
                    "-rn",
                    "--numeric-sort --reverse",
                    "-n --reverse",
                    "-k1,1nr",
                    "-k1,1rn",
                    "-k1nr",
                    "-k1rn",
                    "-rn -k1",
                    "-rn -k 1",
                    "-k1 -rn",
                    "-rn -k1,1",
                    "-k1,1 -rn",
                    "-rnk1",
                    "-nrk1",
                )
            )
        ),
    ),
    QuizQuestion(
        "shell-default-value",
        "hard",
        'In bash the variable x is unset. What does this print?\necho "${x:-a}${x:=b}${x:-c}"',
        "abb",
        exactly("abb"),
    ),
    QuizQuestion(
        "shell-pipe-variable",
        "hard",
        "What does this print in bash with its default options?\n"
        "n=1; echo 5 | while read v; do n=$v; done; echo $((n * 100))",
        "100",
        numbers(100),
    ),
)
