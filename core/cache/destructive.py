"""Answers that cannot be taken back once they are carried out: served for the very same question only.

A rule here costs at most a hit by likeness; a rule that is missing may cost somebody's files. So the whole
text is searched, prose and code alike, and a command counts even where it stands as a warning.

Whoever changes a rule adds one to `core.cache.question.VERSION`: with it upkeep judges what is stored anew.
An answer may be hostile: nothing here repeats without a bound what another repetition may start in, or a long
line would take minutes. And one that is longer than anybody reads is not judged, and so not trusted.
"""

import re
from functools import lru_cache
from typing import NamedTuple


class _Rule(NamedTuple):
    """One way of destroying something.

    Attributes:
        does: what it does to the person.
        written: how it is written.
        behind: what must stand behind it, in the same line; empty where it needs nothing more.
    """

    does: str
    written: str
    behind: str = ""


_LONGEST = 16_000
_FLAGS = r"(?:-\S+\s+){0,8}"
_SHORT = r"-\w{0,20}"
_WRITERS = (
    r"(?:^|[`$#;&|])[ \t]{0,8}(?:sudo\s+)?(?:awk|base64|cat|curl|cut|date|docker|echo|env|find|git|go|grep"
    r"|gzip|head|history|jq|kubectl|ls|mysqldump|node|npm|npx|openssl|pg_dump|pip|printf|ps|python3?|sed|sort|ssh"
    r"|tail|tar|tee|tr|uniq|wget|xargs|yes|zcat)\b"
)

_RULES: tuple[_Rule, ...] = (
    _Rule(
        "deletes files",
        r"(?<![-\w.])rm\s+(?:-\S+\s+)*[^\s`|;&]|\brmdir\b|\bunlink\b|\bshred\b|\btrash\b\s",
    ),
    _Rule("deletes files", r"\bfind\b", r"\s-delete\b"),
    _Rule("deletes files", r"\bxargs\b", r"\brm\b"),
    _Rule("deletes files", r"\brsync\b", r"\s--del"),
    _Rule("deletes files", r"\bRemove-Item\b|\bdel\s+/|\brd\s+/s|\bformat\s+[a-z]:"),
    _Rule(
        "deletes files",
        r"\bshutil\.rmtree\b|\bos\.(?:remove|unlink|rmdir|removedirs|truncate)\b|\bfs\.(?:rm|unlink|rmdir)"
        r"|\.unlink\(|\bRemoveAll\(|\bremove_dir_all\b|\bFileUtils\.rm|\bFiles\.delete",
    ),
    _Rule("overwrites a disk", r"\bmkfs\b|\bwipefs\b|\bfdisk\b|\bparted\b|\bsgdisk\b|\bblkdiscard\b"),
    _Rule("overwrites a disk", r"\bdd\b", r"\bof="),
    _Rule("overwrites a disk", r"\bdiskutil\s+(?:erase|partition)|\bdiskpart\b|\bcryptsetup\s+luksFormat"),
    _Rule(
        "overwrites files",
        r">\s*(?:/(?!dev/(?:null|stderr|stdout|tty))|~/|\$HOME)|\btruncate\s+-|\bset-content\b",
    ),
    # Mostly `a > b` compares; but a file's name ends in its kind, or a command that writes stands before.
    _Rule(
        "overwrites files",
        r"(?<![-=<>\w])>\|?\s{0,8}[\"']?[\w./${}~-]{0,200}[\w}]\.[a-z]\w{0,4}\b(?![\w(.])"
        r"|(?:^|`)[ \t]{0,8}:?[ \t]{0,8}>[ \t]{0,8}[\w./-]{1,200}[ \t]{0,8}(?:`|$)",
    ),
    _Rule(
        "overwrites files",
        _WRITERS,
        r"(?<![-=<>])>(?![>&=(])\|?\s{0,8}(?!/dev/(?:null|stderr|stdout|tty)|&)[\w./~$\"'{]",
    ),
    _Rule(
        "overwrites files",
        rf"\bsed\s+{_FLAGS}{_SHORT}i|\bperl\s+{_FLAGS}{_SHORT}i|\b(?:mv|cp|ln)\s+{_FLAGS}{_SHORT}f",
    ),
    _Rule("overwrites files", r"\b(?:g?sed|perl|ruby)\b", r"\s--in-place\b|\s-i\b"),
    _Rule(
        "overwrites files", r"\btee\s+(?!-a\b|--append)(?:/|~|\$HOME)|\bcrontab\s+-r\b|\bcrontab\s+\S+\.\w+"
    ),
    _Rule("overwrites files", r"\bsvn\s+revert\b|\bhg\s+(?:strip|revert|update\s+-C)\b|\bunzip\s+-o\b"),
    _Rule(
        "opens everything",
        rf"\bchmod\s+{_FLAGS}(?:-R\s+\S*|\S*777|\S+\s+/(?:\s|$))|\bchown\s+{_FLAGS}-R",
    ),
    _Rule(
        "rewrites history",
        r"\bgit\s+(?:-\S+\s+\S+\s+){0,4}push\b",
        r"\s-\w{0,20}f\b|--force|--mirror|--delete|--prune|\s-d\b|\s\+\S|\s:\S",
    ),
    _Rule(
        "rewrites history",
        r"\bfilter-(?:branch|repo)\b|\bbfg\b|\bgit\s+(?:-\S+\s+\S+\s+){0,4}rebase\b",
    ),
    _Rule("rewrites history", r"\bgit\b", r"\s--amend\b"),
    _Rule(
        "throws work away",
        r"\bgit\s+(?:clean\b|restore\b|rm\b|checkout\s+(?:--?\s|-f\b|\.)|tag\s+(?:-d|--delete)"
        r"|stash\s+(?:drop|clear)|reflog\s+(?:expire|delete)|update-ref\s+-d|worktree\s+remove"
        r"|remote\s+(?:rm|remove)|submodule\s+deinit)",
    ),
    # A file's name in place of a branch's: what was changed in it is gone.
    _Rule(
        "throws work away",
        r"\bgit\s+checkout\s+(?:[^\s`-][^\s`]{0,200}\s+)?[\w./-]{0,200}\w\.[a-z]\w{0,5}\b",
    ),
    _Rule("throws work away", r"\bgit\s+reset\b", r"--(?:hard|merge|keep)"),
    _Rule("throws work away", r"\bgit\s+checkout\b", r"\s--\s"),
    _Rule("throws work away", r"\bgit\s+branch\b", r"\s-d\b|--delete"),
    _Rule("throws work away", r"\bgit\s+gc\b", r"--prune"),
    _Rule("throws work away", r"\bgit\s+switch\b", r"-f\b|--discard"),
    _Rule(
        "deletes data",
        r"\bdrop\s+(?:table|database|schema|index|view|user|role|column|collection)\b|\.drop\(\)"
        r"|\balter\s+table\s+\S+\s+drop\b",
    ),
    _Rule("deletes data", r"\btruncate\s+(?:table\s+)?\w|\bdelete\s+from\b|\bflush(?:all|db)\b|\bdropdb\b"),
    _Rule(
        "deletes data",
        r"\bdelete(?:Many|One)\(|\bdropDatabase\b|\bupdate\s+\w+\s+set\b(?![^;`]{0,300}\bwhere\b)"
        r"|\.remove\(\{",
    ),
    _Rule(
        "deletes data",
        r"\bdb:(?:drop|reset|purge|truncate\w*|setup|migrate:reset)\b"
        r"|\bmigrate:(?:fresh|reset|refresh|rollback)\b"
        r"|\bmanage\.py\s+(?:flush|reset_db)\b|\bmigrate\s+reset\b|--force-reset\b|\balembic\s+downgrade\b"
        r"|\bpg:reset\b|\bredis-cli\s+(?:-\S+\s+\S+\s+){0,4}(?:del|unlink)\b",
    ),
    _Rule("deletes data", r"\b(?:pg_|mongo)restore\b", r"\s(?:--clean|--drop|-c)\b"),
    _Rule(
        "deletes data",
        r"\b(?:curl|https?|wget|httpie|xh)\b",
        r"(?:-\w{0,8}X|--request|--method)[\s=]*DELETE\b|\sDELETE\s+\S",
    ),
    _Rule("deletes what runs", r"\bkubectl\b", r"\b(?:delete|drain|replace\s+--force)\b|--replicas[=\s]0\b"),
    _Rule("deletes what runs", r"\bcompose\s+(?:[^\s`]+\s+){0,6}?down\b", r"-v\b|--volumes"),
    _Rule(
        "deletes what runs",
        r"\bhelm\s+(?:uninstall|delete)\b|\b(?:docker|podman)\s+(?:\w+\s+)?(?:rm|rmi|prune)\b"
        r"|\bterraform\s+(?:destroy|apply|state\s+rm)\b|\bpulumi\s+(?:destroy|up)\b|\bvagrant\s+destroy\b",
    ),
    _Rule(
        "deletes or pays for what runs",
        r"\baws\s+\S+\s+(?:rm\b|rb\b|delete-|terminate-|run-instances|create-|purchase-|request-)"
        r"|\b(?:gsutil|s3cmd)\s+(?:-\w+\s+){0,8}(?:rm|rb|del)\b"
        r"|\bheroku\s+\S*(?:destroy|create|addons)|\bstripe\s+\w+\s+create|\bfly(?:ctl)?\s+(?:destroy|scale)",
    ),
    _Rule("deletes or pays for what runs", r"\b(?:gcloud|az)\s", r"\b(?:delete|create|purge)\b"),
    _Rule(
        "deletes or pays for what runs",
        r"\b(?:aws\s+s3|gsutil|rclone|mc|azcopy)\s",
        r"\s--delete\b|\srsync\s+.{0,80}-d\b",
    ),
    _Rule(
        "removes software",
        r"\b(?:apt|apt-get|dnf|yum|zypper|brew|snap|flatpak|choco|winget|pip|pipx|npm|pnpm|yarn|gem|cargo)\s+"
        rf"{_FLAGS}(?:remove|purge|autoremove|uninstall|erase)\b|\bpacman\s+-R|\bdpkg\s+(?:-r|-P|--purge)",
    ),
    _Rule("deletes accounts", r"\buserdel\b|\bdeluser\b|\bgroupdel\b|\bpasswd\s+-d\b|\bvisudo\b"),
    _Rule(
        "ends or locks out",
        r"\bkill\s+-(?:9|KILL|SIGKILL)|\bkillall\s+[-\w]|\bpkill\b|\b(?:shutdown|reboot|halt|poweroff)\b",
    ),
    _Rule(
        "ends or locks out",
        rf"\bsystemctl\s+{_FLAGS}(?:stop|disable|mask|kill|isolate)\b|\bservice\s+\S+\s+stop\b"
        r"|\blaunchctl\s+(?:remove|unload|bootout)\b",
    ),
    _Rule(
        "ends or locks out",
        r"\biptables\s+(?:-\w+\s+\w+\s+){0,6}-(?:F|X)\b|\bufw\s+(?:reset|enable|disable)\b|\bnft\s+flush\b"
        r"|:\(\)\s*\{|\bsysctl\s+-w\b|\bmodprobe\s+-r\b",
    ),
    _Rule("runs what it fetched", r"\b(?:curl|wget)\b", r"\|\s{0,8}(?:sudo\s+)?(?:ba|z|da|fi)?sh\b"),
    _Rule("runs what it fetched", r"\biex\s*\("),
    _Rule(
        "removes volumes",
        r"\b(?:lvremove|vgremove|pvremove|zfs\s+destroy|zpool\s+destroy|btrfs\s+\S+\s+delete)\b",
    ),
    _Rule(
        "empties or publishes",
        r"\bnpm\s+(?:un)?publish\b|\btwine\s+upload\b|\bcargo\s+(?:publish|yank)\b|\bgh\s+\w+\s+delete",
    ),
)


def what_it_destroys(answer: str) -> str:
    """What carrying out an answer may do that cannot be taken back; empty for a harmless one."""
    if len(answer) > _LONGEST:
        return "is too long to be judged"
    for does, written, behind in _patterns():
        if written.search(answer) if behind is None else _stands_behind(answer, written, behind):
            return does
    return ""


def _stands_behind(answer: str, written: "re.Pattern[str]", behind: "re.Pattern[str]") -> bool:
    """Whether one thing is followed by another in its line; each line is looked at once."""
    at = 0
    while found := written.search(answer, at):
        at = answer.find("\n", found.end())
        end = len(answer) if at < 0 else at
        if behind.search(answer, found.end(), end):
            return True
        at = end
    return False


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, "re.Pattern[str]", "re.Pattern[str] | None"], ...]:
    flags = re.IGNORECASE | re.MULTILINE
    return tuple(
        (
            rule.does,
            re.compile(rule.written, flags),
            re.compile(rule.behind, flags) if rule.behind else None,
        )
        for rule in _RULES
    )
