"""How a question is put: the frame goes, its kind stays ("what is the best way to" is "how")."""

import re

_WHO = r"(?:i|you|we|one|u|someone|somebody|people|anyone)"
_BEST = r"(?:(?:very\ |single\ |most\ )?(?:best|right|correct|proper|good|recommended|possible|preferred|usual|standard|appropriate|different|better)\ )*"
_WAY = (
    r"(?:ways?|methods?|approach(?:es)?|commands?|steps?|syntax|procedure|process|technique|techniques|trick)"
)
_POLITE = re.compile(
    rf"""^(?:,\ |(?:so|hi|hey|hello|ok|okay|um|uh|well|and|please|pls|kindly|thanks)\b[ ,]*|(?:question|quick\ question|help|urgent)\ ?,[ ,]*
    |i\ (?:have|got)\ a\ (?:quick\ )?question[ ,]*
    |(?:can|could|would|will)\ (?:you|u|someone|somebody|anyone|anybody)\ (?:please\ |kindly\ |just\ )*(?:(?:tell|help|teach|give|guide|advise|enlighten)\ (?:me|us)\ ?(?:to\ |with\ |by\ |on\ |a\ hint\ )?|(?=(?:show|explain|describe|list|write|find|suggest|recommend|make|create|convert|fix|give)\b))
    |(?:please\ )?(?:tell|teach)\ (?:me|us)\ (?!about\b)
    |(?:please\ )?(?:show|tell)\ (?:me|us)\ (?=how\b|what\b|why\b|when\b|where\b|the\ (?:way|command))
    |(?:please\ )?help\ (?:me|us)\ (?:to\ |with\ |in\ )?
    |i\ (?:want|need|would\ like|d\ like|wish|wanna|have)\ to\ (?:know\ |understand\ |learn\ )?
    |i'd\ (?:like|love)\ to\ (?:know\ |understand\ |learn\ )?
    |(?:i\ was|i'm|i\ am|im|just)\ (?:just\ )?(?:wondering|curious)\ (?:about\ )?
    |i(?:'m|\ am|\ m)\ (?:trying|looking|attempting)\ to\ |trying\ to\ |(?:i\ )?need\ help\ (?:with|to)\ |looking\ for\ a\ way\ to\ 
    |(?:does|do)\ (?:anyone|anybody|someone|you|somebody)\ (?:here\ )?know\ |any\ ideas?\ |(?:i\ )?do\ not\ know\ |i\ don't\ know\ (?=how)
    |a\ question\ about\ )+""",
    re.X,
)
_TAIL = re.compile(
    r"(?:[ ,]+(?:please|thanks(?: a lot| in advance)?|thank you|pls|thx|in advance|exactly|for me|many thanks|cheers)|, ?(?:how|any ideas?|help|anyone))+[ ,]*$|[ ,]+$"
)
_HOW = re.compile(
    rf"""(?:^|(?<=,\ ))(?:
      how\ (?:do|can|could|should|would|may|might|shall|will)\ {_WHO}\ (?:be\ able\ to\ |go\ about\ |manage\ to\ |possibly\ |best\ |just\ |easily\ |quickly\ )*
    | how\ (?:on\ earth\ |exactly\ |the\ hell\ )?(?:do|can)\ {_WHO}\ 
    | how\ {_WHO}\ (?:can|could|should|would|might|do)\ 
    | how\ (?:do|can)\ (?=(?:make|get|create|use|learn|become|improve|overcome|start|stop|find|install|remove|delete|add|change|write|run|build|set|fix)\b)
    | how\ (?:best\ )?to\ (?:be\ able\ to\ )?
    | (?:what|which)(?:'s|\ is|\ are|\ s|\ would\ be|\ will\ be|\ was|\ were)?\ (?:the\ |a\ |an\ |some\ |any\ |of\ |your\ |my\ )*{_BEST}{_WAY}\ (?:(?:i|you|we|one|that|which|can|could|should|do|would)\ )*(?:(?:use|used|follow|run|have)\ )?(?:to\ (?:use\ to\ |be\ able\ to\ )?|for\ |of\ )
    | (?:is|are)\ there\ (?:a|an|any|some)?\ ?{_BEST}{_WAY}\ (?:to|for|of)\ 
    | (?:the\ |a\ )?{_BEST}(?:ways?|commands?|methods?|steps|syntax)\ (?:to|for|of)\ 
    | (?:what|which)\ {_WAY}\ (?:(?:can|do|should|could|would|will)\ {_WHO}\ (?:use|run)\ to\ |(?=(?:shows?|lists?|displays?|prints?|creates?|removes?|deletes?|gives?|finds?|starts?|stops?|gets?|sets?|changes?|runs?|counts?|copies|moves)\b))
    | what\ (?:(?:should|must|can|could|would)\ {_WHO}\ do|do\ {_WHO}\ (?:have|need)\ to\ do)\ (?:in\ order\ )?(?:to|if\ i\ want\ to)\ 
    )""",
    re.X,
)
_QUANTITY = re.compile(
    r"(?:^|(?<=, ))how (many|much|long|often|far|old|big|large|deep|fast|tall|high|heavy|hard|soon)\b"
)
_DIFFER = re.compile(r"^how (?:does|do|is|are) (.+?) (?:differ|different) (?:from|to|than) (.+)$")
_USE = re.compile(
    r"^(?:what(?:'s| is| are| was) (?:the )?(?:purpose|use|uses|usage|point|role|function)s? of|why (?:do|would|should) (?:we|i|you|people|one) use|(?:the )?purpose of|what (?:is|are) (?=.+ (?:used for|good for|for|meant for)$))"
)
_WHAT = re.compile(
    rf"""^(?:(?:what|which)(?:'s|\ is|\ are|\ was|\ were|\ s|s)?(?:\ (?:meant|mean)\ by)?(?:\ (?:the\ )?(?:meaning|definition|concept|explanation|idea)\ (?:of|behind))?
     |what\ (?:do|does|did)(?=\ .+\ (?:do|mean|means|stand\ for|refer\ to)\b)
     |(?:please\ )?(?:can\ you\ |could\ you\ )?(?:please\ )?(?:explain(?!(?:\ (?:a|the|my|this|slow|select))*\ (?:query|queries|plan|statement|select)\b)|(?:describe|define)(?=\ what\b|\ the\ (?:meaning|concept|term)))(?:\ (?:to\ me|me))?(?:\ (?:the\ )?(?:meaning|definition|concept|idea|term)\ (?:of\ )?)?(?:\ what)?(?=\ )
     |(?:the\ )?(?:meaning|definition)\ of
     |(?:please\ )?tell\ me\ about)\ """,
    re.X,
)
_STANDS = re.compile(r"^what (?:do|does) (.+?) (?:mean|means|stand for)\b(.*)$")
_WHAT_TAIL = re.compile(
    r"\b(?:does|do|is|are)? ?(?:actually |really |exactly )?(?:meant?|means?|is|are|do|does|stand for|meaning|explained|definition)$"
)
_DOES = re.compile(r"^what (?:do|does|did)\b.* do$")
_OPENERS = (
    (
        "why",
        re.compile(
            r"^(?:why|how come|what(?:'s| is| are) the (?:reasons?|causes?) (?:for|of|why|that|behind)|(?:the )?reasons? (?:for|why))\b ?"
        ),
    ),
    ("when", re.compile(r"^(?:when|at what time|what time|what date)\b ?")),
    (
        "where",
        re.compile(r"^(?:where|in which (?:directory|folder|place)|what (?:directory|folder|place))\b ?"),
    ),
    ("who", re.compile(r"^(?:who|whom|whose)\b ?")),
    (
        "can",
        re.compile(
            r"^(?:is it (?:really |even )?possible (?:to|for|that)|(?:can|could|may) (?=\S)|are (?:i|you|we) able to) ?"
        ),
    ),
    (
        "should",
        re.compile(
            r"^(?:should|shall|must|ought|is it (?:ok|okay|good|right|wrong|bad|better|worth|safe|necessary) to|do (?:i|we|you) (?:need|have) to)\b ?"
        ),
    ),
    ("will", re.compile(r"^(?:will|would)\b ?")),
    ("is", re.compile(r"^(?:is|are|was|were|am|isn't|aren't|does|do|did|has|have|had|don't|doesn't)\b ?")),
    ("if", re.compile(r"^(?:what (?:happens|would happen|will happen|if)|if|suppose)\b ?")),
    ("how does", re.compile(r"^how\b ?")),
    ("what", re.compile(r"^(?:what|which)\b ?")),
)
_TOPIC = re.compile(r"^((?:in|on|with|using|for) \S+) (?=(?:how|what|why|where|when|can)\b)")
_OPINION = re.compile(
    r"\b(?:do you think|according to you|in your opinion|you think)\b ?|(?:,| and)* why[ ,]*$"
)
_TENSES = (
    (
        "past",
        re.compile(
            r"^(?:\S+ ){0,2}?(?:did|was|were|had)\b|(?:you|i|we|they|he|she|ever) (?:did|had|was|were)\b"
        ),
    ),
    ("ability", re.compile(r".*(?:\bcan't\b|\bcannot\b|\bcan not\b|\bcouldn't\b|\bcant\b)")),
    ("duty", re.compile(r"^(?!where|what should|which)(?:\S+ ){1,3}?(?:should|must)\b")),
    ("future", re.compile(r"^(?:\S+ ){0,3}?(?:will|would|going to|gonna|'ll)\b")),
)


_YOU = re.compile(
    r"\b(?:do|did|are|have|were|would|will|if) you\b|^(?:\S+ ){0,3}your\b|\byou(?:'ve|'re| have| had| did| ever)\b"
)


def asks_you(line: str, kind: str) -> bool:
    """Whether the question is about the one who answers: "your favourite", "have you ever"."""
    return kind != "how" and bool(_YOU.search(line))


def framed(line: str) -> tuple[str, str, str]:
    """The kind of question, its tense, and what is left of it without its frame."""
    line = _TOPIC.sub(r"\1 , ", _POLITE.sub("", line))
    line = _OPINION.sub("", _TAIL.sub("", line))
    differ = _DIFFER.match(line)
    if differ:
        return "difference", "", f"{differ[1]} and {differ[2]}"
    how = _HOW.search(line)
    if how:
        return "how", "", (line[: how.start()] + line[how.end() :]).strip()
    quantity = _QUANTITY.search(line)
    if quantity:
        return f"how {quantity[1]}", _tense(line), line[: quantity.start()] + line[quantity.end() :]
    return _other(line)


def _other(line: str) -> tuple[str, str, str]:
    if re.search(r"\bdifferences?\b.* between\b|\bdifferences?$", line):
        return (
            "difference",
            "",
            re.sub(
                r"^(?:what(?:'s| is| are| s)?|explain|describe)? ?(?:the |some |main |major |basic |key )*differences? ?(?:in |of )?\bbetween\b",
                "",
                line,
            ),
        )
    if re.fullmatch(r"\S+(?: \S+){0,3} (?:vs|versus) \S+(?: \S+){0,4}", line):
        return "difference", "", re.sub(r" (?:vs|versus) ", " and ", line)
    use = _USE.match(line)
    if use:
        return "purpose", "", re.sub(r"(?: used| good| meant)? for$", "", line[use.end() :])
    for kind, opener in _OPENERS[:1]:
        found = opener.match(line)
        if found:
            return kind, _tense(line), line[found.end() :]
    stands = _STANDS.match(line)
    if stands:
        return "what", "", f"{stands[1]}{stands[2]}"
    what = _WHAT.match(line)
    if what:
        return (
            ("what does" if _DOES.search(line) else "what"),
            _tense(line),
            _WHAT_TAIL.sub("", line[what.end() :]),
        )
    if re.search(r" (?:meaning|explained|definition)$", line):
        return "what", "", _WHAT_TAIL.sub("", line)
    for kind, opener in _OPENERS[1:]:
        found = opener.match(line)
        if found:
            return kind, _tense(line), line[found.end() :]
    return "", "", line


def _tense(line: str) -> str:
    return next((name for name, pattern in _TENSES if pattern.match(line)), "")
