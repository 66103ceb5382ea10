"""Each guard of the answer cache on its own: what it objects to, and what it lets pass."""

import pytest

from core.cache.decide import Outcome, decide
from core.cache.question import parse

OBJECTIONS = [
    ("number", "retry a request 3 times", "retry a request 5 times"),
    ("number", "print the first ten lines of a file", "print the first twelve lines of a file"),
    ("unit", "find files larger than 5 MB", "find files larger than 5 GB"),
    ("unit", "sleep for 10 milliseconds in c", "sleep for 10 seconds in c"),
    ("version", "install python 3.11 on ubuntu", "install python 3.12 on ubuntu"),
    ("version", "how to print in python2", "how to print in python3"),
    ("flag", "what does curl -X do", "what does curl -x do"),
    ("path", "what is in /etc/passwd", "what is in /etc/shadow"),
    ("path", "find all *.jpg files", "find all *.JPG files"),
    ("literal", 'search for "foo" in a file', 'search for "Foo" in a file'),
    ("identifier", "explain getUserById in a test", "explain getUserByEmail in a test"),
    ("operator", "what does == mean in js", "what does === mean in js"),
    ("comparator", "use at least 4 threads in a pool", "use at most 4 threads in a pool"),
    ("language", "sort a list in python", "sort a list in ruby"),
    ("opposite", "how do I zip a folder", "how do I unzip a folder"),
    ("opposite", "enable swap on ubuntu", "disable swap on ubuntu"),
    ("extra-word", "list files in a directory", "list empty files in a directory"),
    ("negation", "run docker with sudo", "run docker without sudo"),
    ("negation", "list files that match a pattern", "list files that do not match a pattern"),
    ("and-or", "find files named a.txt and b.txt", "find files named a.txt or b.txt"),
    ("direction", "copy a file from the host", "copy a file to the host"),
    ("place", "insert a line before the match", "insert a line after the match"),
    ("place", "find all log files in /var/log", "find all log files under /var/log"),
    ("place", "read a book about python", "read a book in python"),
    ("place", "encrypt with a key in openssl", "encrypt a key with openssl"),
    ("order", "stop and remove a container", "remove and stop a container"),
    ("owner", "export my shell history", "export a shell history"),
    ("term", "what is pickling", "what is a pickle"),
    ("order", "show the author of the first commit", "show the first author of the commit"),
    ("order", "does a thread own a process", "does a process own a thread"),
    ("order", "print columns 1, 3 with awk", "print columns 3, 1 with awk"),
    ("quantifier", "check that all tests pass", "check that any tests pass"),
    ("quantifier", "find the largest file on disk", "find the largest files on disk"),
    ("quantifier", "delete a local branch", "delete all local branches"),
    ("question-kind", "why does git pull fail", "how does git pull fail"),
    ("question-kind", "can I run docker in docker", "how do I run docker in docker"),
    ("tense", "why did the build fail", "why will the build fail"),
    ("person", "what are your plans for python", "what are the plans for python"),
]
PASSES = [
    ("what it was it is", "what was the cgi standard", "what is the cgi standard"),
    ("a contraction", "what is the best editor you've used", "what is the best editor you have used"),
    ("60 seconds are one minute", "sleep for 60 seconds in bash", "sleep for one minute in bash"),
    ("digits and words", "show the last 10 lines of a log", "show the last ten lines of a log"),
    ("an article is one", "find files changed in the last hour", "find files changed in the last 1 hour"),
    ("aliases", "restart a pod in kubernetes", "restart a pod in k8s"),
    ("a name with a slip", "install kubernetes on debian", "install kuberntes on debian"),
    ("a word with a slip", "how do I clone a repository", "how do I clone a repositroy"),
    ("frames", "how do I delete a remote branch", "what is the best way to delete a remote branch"),
    ("orders", "how do I delete a remote branch", "delete a remote branch"),
    ("meanings", "what is dependency injection", "explain dependency injection"),
    ("politeness", "what is a monad", "hey, could you tell me what a monad is please?"),
    ("inflection", "how to merge branches in git", "merging branches in git"),
    ("synonyms", "remove a directory in bash", "delete a folder in bash"),
    ("a topic put first", "in python, how do I sort a list", "how do I sort a list in python"),
    ("a turned of", "show the history of a file", "show the file history"),
    ("either order of two", "difference between tcp and udp", "difference between udp and tcp"),
    ("all or bare plural", "list all running containers", "list running containers"),
    ("quotes or none", 'change the owner of "a.sh" to "root"', "change owner of the file a.sh to root"),
    ("an age", "find files modified less than 7 days ago", "find files modified in the last week"),
    ("a property", "how do I check the size of a directory", "get the size of a folder"),
]


@pytest.mark.parametrize(("kind", "asked", "stored"), OBJECTIONS)
def test_a_guard_objects(kind: str, asked: str, stored: str) -> None:
    """A difference of this kind makes two questions of one, whichever came first, and it is named."""
    for one, other in ((asked, stored), (stored, asked)):
        verdict = decide(parse(one), parse(other))
        assert verdict.outcome is not Outcome.SURE
        assert kind in {difference.kind for difference in verdict.differs}


@pytest.mark.parametrize(("reason", "asked", "stored"), PASSES)
def test_what_does_not_matter_passes(reason: str, asked: str, stored: str) -> None:
    """What a developer would not notice is no difference."""
    for one, other in ((asked, stored), (stored, asked)):
        verdict = decide(parse(one), parse(other))
        assert verdict.outcome is Outcome.SURE, (reason, verdict.differs)
        assert verdict.differs == ()


def test_what_differs_is_told_in_the_words_of_the_person() -> None:
    """The row on the screen says "differs: merge", in the words that were typed."""
    verdict = decide(parse("undo the last merge commit"), parse("undo the last commit"))
    assert verdict.outcome is Outcome.MAYBE
    assert [(d.kind, d.asked, d.stored) for d in verdict.differs] == [("extra-word", "merge", "")]


def test_of_several_maybes_the_nearest_is_known() -> None:
    """What is offered is what differs least, not what is spelled most alike."""
    asked = parse("convert a list of strings to ints in python")
    near = decide(asked, parse("turn a list of strings into ints in python"))
    far = decide(asked, parse("print a list of strings and ints in python"))
    assert near.outcome is Outcome.MAYBE
    assert near.apart < far.apart


@pytest.mark.parametrize(
    "stored",
    ["list files in /etc", "list the first 5 files", "list files with ls -t", 'list files named "x"'],
)
def test_what_names_another_thing_is_no_maybe(stored: str) -> None:
    """A row that is mostly wrong is a row that nobody reads."""
    assert decide(parse("list all the files"), parse(stored)).outcome is Outcome.NO


def test_an_embedding_only_adds_maybes() -> None:
    """Likeness knows nothing of "undo" and "redo": it can never serve, nor lift a veto."""
    unlike = parse("squash all work into a lump"), parse("combine commits before the merge")
    assert decide(*unlike).outcome is Outcome.NO
    assert decide(*unlike, cosine=0.95).outcome is Outcome.MAYBE
    vetoed = parse("how do I zip a folder"), parse("how do I unzip a folder")
    assert decide(*vetoed, cosine=1.0).outcome is Outcome.NO
    sure = parse("remove a file in linux"), parse("delete a file in linux")
    assert decide(*sure, cosine=0.0).outcome is Outcome.SURE
