"""Git: the command for an everyday wish, and how many commits there are after it."""

from core.tuning.question import QuizQuestion
from core.tuning.rules import command, numbers

_LAST_BUT_ONE = ("HEAD~1", "HEAD~", "HEAD^", "HEAD^1", "@~1", "@~", "@^", "@^1")

QUESTIONS = (
    QuizQuestion(
        "git-new-branch",
        "easy",
        "Which single git command creates the branch fix and switches to it? Give the command only.",
        "git switch -c fix",
        command("git switch -c fix", "git switch --create fix", "git checkout -b fix"),
    ),
    QuizQuestion(
        "git-stash",
        "easy",
        "Which git command puts the uncommitted changes of tracked files aside, so that they can be "
        "brought back later? Give the shortest form.",
        "git stash",
        command("git stash", "git stash push", "git stash save"),
    ),
    QuizQuestion(
        "git-undo-keep",
        "normal",
        "Which git command undoes the last commit of the current branch and leaves all its changes staged? "
        "Give the command only.",
        "git reset --soft HEAD~1",
        command(
            *(f"git reset --soft {commit}" for commit in _LAST_BUT_ONE),
            *(f"git reset {commit} --soft" for commit in _LAST_BUT_ONE),
        ),
    ),
    QuizQuestion(
        "git-unstage",
        "normal",
        "The changes of app.py, a file with earlier commits, are staged. Which git command takes them out "
        "of the index and leaves the file itself as it is? Give the command only.",
        "git restore --staged app.py",
        command(
            "git restore --staged app.py",
            "git restore --staged ./app.py",
            "git restore -S app.py",
            "git restore app.py --staged",
            "git reset app.py",
            "git reset -q app.py",
            "git reset --mixed app.py",
            "git reset HEAD app.py",
            "git reset -q HEAD app.py",
            "git reset @ app.py",
        ),
    ),
    QuizQuestion(
        "git-rebase-count",
        "hard",
        "A new repository has on main the commits A, B and C, C being the newest. You run `git switch -c x "
        "HEAD~2`, commit D and E, then `git rebase main` without conflicts. How many commits does `git log "
        "--oneline` list on x? Give the number only.",
        "5",
        numbers(5, units="commit commits on x"),
    ),
)
