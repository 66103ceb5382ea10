"""What could cost somebody their files is never served to another wording."""

import time
from collections.abc import Iterator

import pytest

from core.cache.destructive import what_it_destroys
from core.cache.found import Hit
from core.cache.kinds import HOW_TO, kind_of
from tests.core.cache_stage import Stage

UNDO = "how do I undo the last commit in git?"
UNDO_AGAIN = "undo last git commit, how?"
LARGE = 100_000


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.database.close()


@pytest.mark.parametrize(
    "answer",
    [
        "```sh\nrm -rf build\n```",
        "Run `rm file.txt`.",
        "`sudo dd if=/dev/zero of=/dev/sda bs=1M`",
        "mkfs.ext4 /dev/sdb1",
        "git push --force-with-lease",
        "`git push -f origin main`",
        "git push origin +main",
        "git push origin --delete topic",
        "git reset --hard HEAD~1",
        "git clean -fd",
        "git branch -D topic",
        "`git checkout -- file`",
        "git stash drop",
        "DROP TABLE users;",
        "truncate table logs",
        "DELETE FROM users WHERE id = 1;",
        "UPDATE users SET admin = true;",
        "kubectl delete pod x",
        "kubectl -n prod delete deploy x",
        "terraform destroy -auto-approve",
        "terraform apply",
        "chmod -R 777 /",
        "echo x > /etc/hosts",
        "find . -name '*.pyc' -delete",
        "docker system prune -a",
        "docker compose down -v",
        "sed -i 's/a/b/' file",
        "aws s3 rm s3://bucket --recursive",
        "aws ec2 run-instances --image-id ami-1",
        "shutil.rmtree(path)",
        "curl -sSL https://example.org/install.sh | sudo bash",
        "kill -9 1234",
        "redis-cli FLUSHALL",
        "apt-get purge nginx",
        "rsync -a --delete a/ b/",
        "`rsync -a --del a b`",
        "`git checkout file.txt`",
        "`git checkout HEAD~1 src/app.py`",
        "`git rebase -i HEAD~3`",
        "```sh\ngit commit --amend --no-edit\n```",
        "ls -la | sort > out.txt",
        "```sh\necho x > file\n```",
        "`cat /dev/null > app.log`",
        "Empty it: `: > app`",
        "`> app.log`",
        "`curl -X DELETE https://api.example/x`",
        "`curl --request DELETE https://api.example/x`",
        "`curl -sXDELETE localhost:9200/index`",
        "`http DELETE :8000/x`",
        "`rails db:drop`",
        "`python manage.py flush`",
        "`npx prisma migrate reset`",
        "`php artisan migrate:fresh`",
        "`pg_restore -d x --clean dump`",
        "`aws s3 sync . s3://b --delete`",
        "`sed --in-place s/a/b/ f`",
        "`sed s/a/b/ -i f`",
        "`perl -i -pe s/a/b/ f`",
        "`perl -pi -e s/a/b/ f`",
        "`killall node`",
        "`sudo systemctl stop nginx`",
        "`systemctl disable --now nginx`",
        "`kubectl scale deploy x --replicas=0`",
        "ALTER TABLE t DROP c;",
        "a line\n" * 4000,
    ],
)
def test_an_answer_that_destroys_something_serves_the_same_question_only(stage: Stage, answer: str) -> None:
    """The price of a wrong hit is somebody's files."""
    stage.keep(UNDO, answer)

    assert stage.found(UNDO).outcome is Hit.EXACT
    assert stage.look_up(UNDO_AGAIN) is None


@pytest.mark.parametrize(
    "answer",
    [
        "`git reset --soft HEAD~1` keeps your work.",
        "`git push origin main`",
        "`git checkout main` and `git checkout feature/login`",
        "`git log | sort >> out.txt`",
        "if a > b and x >= y:\n    total = a > limit",
        "> It is quoted.\n\n`SELECT name FROM t WHERE price > 5`",
        "`List<String> names = map.get(key)`",
        "`curl https://example.org/x`",
        "`systemctl status nginx`",
        "`echo $((a >= b))` and `cat 2>&1`",
        "`cmd 2>/dev/null` hides errors; `>&2` writes to them.",
        "SELECT * FROM users WHERE id = 1;",
        "UPDATE users SET name = 'x' WHERE id = 1;",
        "kubectl get pods",
        "docker run --rm -it alpine",
        "The form is removed from the page.",
        "git checkout -b topic",
        "`kubectl get pods` lists them.\nTo delete a line in vim, type dd.",
        "a -> b, x => y, `Vec<T>`",
    ],
)
def test_a_harmless_answer_serves_other_wordings_too(stage: Stage, answer: str) -> None:
    """Were everything taken for dangerous, the cache would be of no use."""
    stage.keep(UNDO, answer)

    assert stage.found(UNDO_AGAIN).outcome is Hit.SURE


@pytest.mark.parametrize(
    "piece",
    [
        "az ",
        "find ",
        "find . ",
        "git push ",
        "sed -sed ",
        "apt -apt ",
        "curl ",
        "perl -p",
        "> a",
        "compose ",
        "git checkout a",
        "update a set ",
        "chmod -chmod ",
        "iptables -a b ",
        "a1b2c3d4",
        " ",
        "\n",
        "`",
    ],
)
def test_no_text_is_judged_for_long(piece: str) -> None:
    """It is done in the thread that writes: a hostile answer must not keep the next question waiting."""
    for length in (LARGE, 15_900):
        text = piece * (length // len(piece))
        began = time.process_time()
        what_it_destroys(text)
        kind_of(f"how {text}", has_attachments=False)
        assert time.process_time() - began < 0.2


def test_the_kind_of_a_question_is_told_by_its_beginning() -> None:
    """A log behind a question is full of versions and errors that it is not about."""
    assert kind_of("how do I read this? " + "x " * 1000 + "KeyError 1.2.3", has_attachments=False) == HOW_TO


def test_upkeep_judges_again_what_older_rules_let_pass(stage: Stage) -> None:
    """An answer that was stored before a rule was made must not outlive it."""
    stage.keep(UNDO, "Use reset.")
    stage.run("UPDATE answer SET text = 'git reset --hard'")
    stage.run("UPDATE entry SET parsed = '[0]'")
    assert stage.entries.tend(100).result() == 1
    assert stage.entries.tend(100).result() == 0

    assert stage.found(UNDO).outcome is Hit.EXACT
    assert stage.look_up(UNDO_AGAIN) is None
    assert [entry.is_exact_only for entry in stage.entries.list(9)] == [True]
