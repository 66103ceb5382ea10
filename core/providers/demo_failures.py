"""What the demo model can say of a failing test: read off the output by fixed rules, and no more."""

import re

_MOST = 200_000
_ASKS_WHY = re.compile(
    r"\b(why|what|fails?|failing|failed|wrong|broken?|fix|error|red|cause)\b", re.IGNORECASE
)
_FAILED = re.compile(r"^FAILED (?P<place>\S{1,300}?)::(?P<test>[^\s:]{1,200})(?: - (?P<why>.{1,300}))?", re.M)
_WHERE = re.compile(r"^(?P<file>[^\s:]{1,300}\.py):(?P<line>\d{1,6}): (?P<error>\w{1,80})", re.M)
_ERROR = re.compile(r"^E {1,8}(?P<text>\S.{0,300})", re.M)
_GAVE = re.compile(r"where (?P<gave>.{1,120}?) = (?P<call>.{1,160})")
_COMPARED = re.compile(r"^assert (?P<left>.{1,120}?) == (?P<right>.{1,120})")


def explain_failure(question: str, files: str) -> str | None:
    """Why the first test in a pytest output fails; None when that is not asked, or cannot be read off."""
    if not _ASKS_WHY.search(question):
        return None
    text = files[-_MOST:]
    failed, where = _FAILED.search(text), _WHERE.search(text)
    errors = [match["text"] for match in _ERROR.finditer(text)]
    if failed is None and (where is None or not errors):
        return None
    name = f"`{failed['test']}`" if failed else "The test"
    place = f" in `{where['file']}`, line {where['line']}" if where else ""
    seen = errors[0] if errors else (failed["why"] if failed and failed["why"] else "")
    parts = [f"{name} fails{place}:", f"```\n{seen.replace('`', chr(39))}\n```" if seen else ""]
    parts.append(_cause(seen, errors))
    if failed:
        parts.append(
            f"Run only this one again:\n\n```bash\npytest -q {failed['place']}::{failed['test']}\n```"
        )
    parts.append("I am the demo model and read only these lines; a real model would look into the code.")
    return "\n\n".join(part for part in parts if part)


def _cause(seen: str, errors: list[str]) -> str:
    """What the lines say of the cause, in a sentence."""
    gave = next((match for error in errors if (match := _GAVE.search(error))), None)
    compared = _COMPARED.match(seen)
    if gave and compared:
        other = compared["right"] if compared["left"] == gave["gave"] else compared["left"]
        return f"`{gave['call']}` gives `{gave['gave']}`, and the test expects `{other}`: see what it does."
    if compared:
        return f"The code gives `{compared['left']}`, and the test expects `{compared['right']}`."
    return ""
