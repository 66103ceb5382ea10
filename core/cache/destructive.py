"""Answers that cannot be taken back once they are carried out: served for the very same question only.

A rule here costs at most a hit by likeness; a rule that is missing may cost somebody's files. So the whole
text is searched, prose and code alike, and a command counts even where it stands as a warning.
"""

import re
from functools import lru_cache

# Each: what it does to the person, and how it is written.
_RULES: tuple[tuple[str, str], ...] = (
    ("deletes files", r"(?<![-\w.])rm\s+(?:-\S+\s+)*[^\s`|;&]|\brmdir\b|\bunlink\b|\bshred\b|\btrash\b\s"),
    ("deletes files", r"\bfind\b[^\n]*\s-delete\b|\bxargs\b[^\n]*\brm\b|\brsync\b[^\n]*--delete"),
    ("deletes files", r"\bRemove-Item\b|\bdel\s+/|\brd\s+/s|\bformat\s+[a-z]:"),
    (
        "deletes files",
        r"\bshutil\.rmtree\b|\bos\.(?:remove|unlink|rmdir|removedirs)\b|\bfs\.(?:rm|unlink|rmdir)"
        r"|\.unlink\(|\bRemoveAll\(|\bremove_dir_all\b|\bFileUtils\.rm|\bFiles\.delete",
    ),
    (
        "overwrites a disk",
        r"\bdd\b[^\n]*\bof=|\bmkfs\b|\bwipefs\b|\bfdisk\b|\bparted\b|\bsgdisk\b|\bblkdiscard\b",
    ),
    ("overwrites a disk", r"\bdiskutil\s+(?:erase|partition)|\bdiskpart\b|\bcryptsetup\s+luksFormat"),
    (
        "overwrites files",
        r">\s*(?:/(?!dev/(?:null|stderr|stdout|tty))|~/|\$HOME)|\btruncate\s+-|\bset-content\b",
    ),
    ("overwrites files", r"\bsed\s+(?:-\w+\s+)*-\w*i|\bperl\s+-\w*p\w*i|\b(?:mv|cp|ln)\s+(?:-\w+\s+)*-\w*f"),
    ("overwrites files", r"\btee\s+(?!-a\b|--append)(?:/|~|\$HOME)|\bcrontab\s+-r\b|\bcrontab\s+\S+\.\w+"),
    (
        "opens everything",
        r"\bchmod\s+(?:-\w+\s+)*(?:-R\s+\S*|\S*777|\S+\s+/(?:\s|$))|\bchown\s+(?:-\w+\s+)*-R",
    ),
    (
        "rewrites history",
        r"\bgit\s+(?:-\S+\s+\S+\s+)*push\b[^\n]*(?:\s-\w*f\b|--force|--mirror|--delete|\s-d\b|\s\+\S|\s:\S)"
        r"|\bfilter-(?:branch|repo)\b|\bbfg\b",
    ),
    (
        "throws work away",
        r"\bgit\s+(?:reset\b[^\n]*--(?:hard|merge|keep)|clean\b|restore\b|rm\b|checkout\s+(?:--?\s|-f\b|\.)"
        r"|checkout\b[^\n]*\s--\s|branch\b[^\n]*\s-(?:D|d|-delete)\b|branch\b[^\n]*--delete|tag\s+(?:-d|--delete)"
        r"|stash\s+(?:drop|clear)|reflog\s+(?:expire|delete)|gc\b[^\n]*--prune|update-ref\s+-d"
        r"|worktree\s+remove|remote\s+(?:rm|remove)|submodule\s+deinit|switch\b[^\n]*(?:-f\b|--discard))",
    ),
    (
        "deletes data",
        r"\bdrop\s+(?:table|database|schema|index|view|user|role|column|collection)\b|\.drop\(\)",
    ),
    ("deletes data", r"\btruncate\s+(?:table\s+)?\w|\bdelete\s+from\b|\bflush(?:all|db)\b|\bdropdb\b"),
    ("deletes data", r"\bdelete(?:Many|One)\(|\bdropDatabase\b|\bupdate\s+\w+\s+set\b(?![^;`]*\bwhere\b)"),
    (
        "deletes what runs",
        r"\bkubectl\b[^\n]*\b(?:delete|drain|replace\s+--force)\b|\bhelm\s+(?:uninstall|delete)\b"
        r"|\b(?:docker|podman)\s+(?:\w+\s+)?(?:rm|rmi|prune)\b|\bcompose\b[^\n]*\bdown\b[^\n]*(?:-v\b|--volumes)"
        r"|\bterraform\s+(?:destroy|apply|state\s+rm)\b|\bpulumi\s+(?:destroy|up)\b|\bvagrant\s+destroy\b",
    ),
    (
        "deletes or pays for what runs",
        r"\baws\s+\S+\s+(?:rm\b|rb\b|delete-|terminate-|run-instances|create-|purchase-|request-)"
        r"|\b(?:gcloud|az)\s[^\n]*\b(?:delete|create|purge)\b|\b(?:gsutil|s3cmd)\s+(?:-\w+\s+)*(?:rm|rb|del)\b"
        r"|\bheroku\s+\S*(?:destroy|create|addons)|\bstripe\s+\w+\s+create|\bfly(?:ctl)?\s+(?:destroy|scale)",
    ),
    (
        "removes software",
        r"\b(?:apt|apt-get|dnf|yum|zypper|brew|snap|flatpak|choco|winget|pip|pipx|npm|pnpm|yarn|gem|cargo)\s+"
        r"(?:-\S+\s+)*(?:remove|purge|autoremove|uninstall|erase)\b|\bpacman\s+-R|\bdpkg\s+(?:-r|-P|--purge)",
    ),
    ("deletes accounts", r"\buserdel\b|\bdeluser\b|\bgroupdel\b|\bpasswd\s+-d\b|\bvisudo\b"),
    (
        "ends or locks out",
        r"\bkill(?:all)?\s+-(?:9|KILL|SIGKILL)|\bpkill\b|\b(?:shutdown|reboot|halt|poweroff)\b",
    ),
    (
        "ends or locks out",
        r"\biptables\s+(?:-\w+\s+\w+\s+)*-(?:F|X)\b|\bufw\s+(?:reset|enable|disable)\b|\bnft\s+flush\b"
        r"|:\(\)\s*\{|\bsysctl\s+-w\b|\bmodprobe\s+-r\b",
    ),
    ("runs what it fetched", r"\b(?:curl|wget)\b[^\n|]*\|\s*(?:sudo\s+)?(?:ba|z|da|fi)?sh\b|\biex\s*\("),
    (
        "removes volumes",
        r"\b(?:lvremove|vgremove|pvremove|zfs\s+destroy|zpool\s+destroy|btrfs\s+\S+\s+delete)\b",
    ),
    (
        "empties or publishes",
        r"\bnpm\s+(?:un)?publish\b|\btwine\s+upload\b|\bcargo\s+(?:publish|yank)\b|\bgh\s+\w+\s+delete",
    ),
)


def what_it_destroys(answer: str) -> str:
    """What carrying out an answer may do that cannot be taken back; empty for a harmless one."""
    for does, pattern in _patterns():
        if pattern.search(answer):
            return does
    return ""


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, "re.Pattern[str]"], ...]:
    return tuple((does, re.compile(pattern, re.IGNORECASE)) for does, pattern in _RULES)
