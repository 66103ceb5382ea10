"""How questions are put, as patterns over a line in lower case: each says what it takes away."""

from core.cache.vocabulary.late import Late

_WHO = r"(?:i|you|we|one|u|someone|somebody|people|anyone)"
_BEST = r"""(?:(?:very\ |single\ |most\ )?(?:best|right|correct|proper|good|recommended|possible|preferred
    |usual|standard|appropriate|different|better)\ )*"""
_WAY = r"(?:ways?|methods?|approach(?:es)?|commands?|steps?|syntax|procedure|process|techniques?|trick)"
_IS = r"(?:'s|\ is|\ are|\ s|\ would\ be|\ will\ be|\ was|\ were)?"
_ACTS = r"""(?:shows?|lists?|displays?|prints?|creates?|removes?|deletes?|gives?|finds?|starts?|stops?|gets?
    |sets?|changes?|runs?|counts?|copies|moves)"""
_DOES_IT = r"""(?:make|get|create|use|learn|become|improve|overcome|start|stop|find|install|remove|delete|add
    |change|write|run|build|set|fix)"""

POLITE = Late(rf"""^(?:,\ |(?:so|hi|hey|hello|ok|okay|um|uh|well|and|please|pls|kindly|thanks)\b[ ,]*
    |(?:question|quick\ question|help|urgent)\ ?,[ ,]*
    |i\ (?:have|got)\ a\ (?:quick\ )?question[ ,]*
    |(?:can|could|would|will)\ (?:you|u|someone|somebody|anyone|anybody)\ (?:please\ |kindly\ |just\ )*
       (?:(?:tell|help|teach|give|guide|advise|enlighten)\ (?:me|us)\ ?(?:to\ |with\ |by\ |on\ |a\ hint\ )?
       |(?=(?:show|explain|describe|list|write|find|suggest|recommend|make|create|convert|fix|give)\b))
    |(?:please\ )?(?:tell|teach)\ (?:me|us)\ (?!about\b)
    |(?:please\ )?(?:show|tell)\ (?:me|us)\ (?=(?:how|what|why|when|where)\b|the\ (?:way|command))
    |(?:please\ )?help\ (?:me|us)\ (?:to\ |with\ |in\ )?
    |i\ (?:want|need|would\ like|d\ like|wish|wanna|have)\ to\ (?:know\ |understand\ |learn\ )?
    |i'd\ (?:like|love)\ to\ (?:know\ |understand\ |learn\ )?
    |(?:i\ was|i'm|i\ am|im|just)\ (?:just\ )?(?:wondering|curious)\ (?:about\ )?
    |i(?:'m|\ am|\ m)\ (?:trying|looking|attempting)\ to\ |trying\ to[ ]
    |(?:i\ )?need\ help\ (?:with|to)\ |looking\ for\ a\ way\ to[ ]
    |(?:does|do)\ (?:anyone|anybody|someone|you|somebody)\ (?:here\ )?know\ |any\ ideas?[ ]
    |i\ (?:do\ not|don't)\ know\ (?={_WHO}?\ ?how)|a\ question\ about\ )+""")
"""Greetings, "could you tell me", "I was wondering"."""

TAIL = Late(
    r"""(?:[ ,]+(?:please|thanks(?:\ a\ lot|\ in\ advance)?|thank\ you|pls|thx|in\ advance|exactly
    |many\ thanks|cheers)|,\ ?(?:how|any\ ideas?|help|anyone))+[ ,]*$|[ ,]+$"""
)
"""Thanks, and a lonely "how?" or "any ideas?" behind the question."""

TOPIC = Late(
    r"^((?:in|on|with|using|for)\ \S+)\ (?=(?:how|what|why|where|when|can)\b)",
    "how",
    "what",
    "why",
    "where",
    "when",
    "can",
)
"""A topic put first: "in python how do I …"."""

OPINION = Late(
    r"\b(?:do\ you\ think|according\ to\ you|in\ your\ opinion|you\ think)\b\ ?|(?:,|\ and)*\ why[\ ,]*$",
    "think",
    "according",
    "opinion",
    "why",
)
"""Asking for an opinion or for reasons besides changes nothing in what is asked."""

HOW = Late(
    rf"""(?:^|(?<=,\ ))(?:
      how\ (?:do|can|could|should|would|may|might|shall|will)\ {_WHO}[ ]
         (?:be\ able\ to\ |go\ about\ |manage\ to\ |possibly\ |best\ |just\ |easily\ |quickly\ )*
    | how\ (?:on\ earth\ |exactly\ |the\ hell\ )?(?:do|can)\ {_WHO}[ ]
    | how\ {_WHO}\ (?:can|could|should|would|might|do)[ ]
    | how\ (?:do|can)\ (?={_DOES_IT}\b)
    | how\ (?:best\ )?to\ (?:be\ able\ to\ )?
    | (?:what|which){_IS}\ (?:the\ |a\ |an\ |some\ |any\ |of\ |your\ |my\ )*{_BEST}{_WAY}[ ]
         (?:(?:i|you|we|one|that|which|can|could|should|do|would)\ )*
         (?:(?:use|used|follow|run|have)\ )?(?:to\ (?:use\ to\ |be\ able\ to\ )?|for\ |of\ )
    | (?:is|are)\ there\ (?:a|an|any|some)?\ ?{_BEST}{_WAY}\ (?:to|for|of)[ ]
    | (?:the\ |a\ )?{_BEST}(?:ways?|commands?|methods?|steps|syntax)\ (?:to|for|of)[ ]
    | (?:what|which)\ {_WAY}[ ]
         (?:(?:can|do|should|could|would|will)\ {_WHO}\ (?:use|run)\ to\ |(?={_ACTS}\b))
    | what\ (?:(?:should|must|can|could|would)\ {_WHO}\ do|do\ {_WHO}\ (?:have|need)\ to\ do)[ ]
         (?:in\ order\ )?(?:to|if\ i\ want\ to)[ ]
    )""",
    "how",
    "way",
    "method",
    "approach",
    "command",
    "step",
    "syntax",
    "procedure",
    "process",
    "technique",
    "trick",
    "what",
)
"""All that means "tell me how", also "what is the best way to" and "which command shows"."""

QUANTITY = Late(
    r"(?:^|(?<=,\ ))how\ (many|much|long|often|far|old|big|large|deep|fast|tall|high|heavy|hard|soon)\b",
    "how",
)
DIFFER = Late(r"^how\ (?:does|do|is|are)\ (.+?)\ (?:differ|different)\ (?:from|to|than)\ (.+)$", "differ")
DIFFERENCE = Late(
    r"""^(?:what(?:'s|\ is|\ are|\ s)?|explain|describe)?\ ?(?:the\ |some\ |main\ |major\ |basic\ |key\ )*
    differences?\ ?(?:in\ |of\ )?\bbetween\b""",
    "difference",
)
HAS_DIFFERENCE = Late(r"\bdifferences?\b.*\ between\b|\bdifferences?$", "difference")
VERSUS = Late(r"\S+(?:\ \S+){0,3}\ (?:vs|versus)\ \S+(?:\ \S+){0,4}", "vs", "versus")

PURPOSE = Late(
    rf"""^(?:what(?:'s|\ is|\ are|\ was)\ (?:the\ )?(?:purpose|use|uses|usage|point|role|function)s?\ of
    |why\ (?:do|would|should)\ {_WHO}\ use|(?:the\ )?purpose\ of
    |what\ (?:is|are)\ (?=.+\ (?:used\ for|good\ for|for|meant\ for)$))""",
    "what",
    "why",
    "purpose",
)
USED_FOR = Late(r"^what\ (?:is|are)\ (.+?)\ used\ for\b(.*)$", "used for")
STANDS = Late(r"^what\ (?:do|does)\ (.+?)\ (?:mean|means|stand\ for)\b(.*)$", "what")
DOES = Late(r"^what\ (?:do|does|did)\b.*\ do$", "what")
_STATEMENT = r"(?:\ (?:a|the|my|this|slow|select))*\ (?:query|queries|plan|statement|select)\b"
_SENSE = r"(?:meaning|definition|concept|idea|term|explanation)"
WHAT = Late(
    rf"""^(?:(?:what|which)(?:'s|\ is|\ are|\ was|\ were|\ s|s)?(?:\ (?:meant|mean)\ by)?
         (?:\ (?:the\ )?{_SENSE}\ (?:of|behind))?
     |what\ (?:do|does|did)(?=\ .+\ (?:do|mean|means|stand\ for|refer\ to)\b)
     |(?:please\ )?(?:explain(?!{_STATEMENT})|(?:describe|define)(?=\ what\b|\ the\ {_SENSE}))
         (?:\ (?:to\ me|me))?(?:\ (?:the\ )?{_SENSE}\ (?:of\ )?)?(?:\ what)?(?=\ )
     |(?:the\ )?(?:meaning|definition)\ of
     |(?:please\ )?tell\ me\ about)\ """,
    "what",
    "which",
    "explain",
    "describe",
    "define",
    "meaning",
    "definition",
    "tell",
)
"""Asks for a meaning: "what is", "the meaning of", "explain"; but "explain a query" is an order."""
WHAT_TAIL = Late(r"""\b(?:does|do|is|are)?\ ?(?:actually\ |really\ |exactly\ )?
    (?:meant?|means?|is|are|do|does|stand\ for|meaning|explained|definition)$""")
ENDS_IN_SENSE = Late(r"\ (?:meaning|explained|definition)$", "meaning", "explained", "definition")

WHY = Late(
    r"""^(?:why|how\ come|what(?:'s|\ is|\ are)\ the\ (?:reasons?|causes?)\ (?:for|of|why|that|behind)
    |(?:the\ )?reasons?\ (?:for|why))\b\ ?""",
    "why",
    "how come",
    "reason",
    "cause",
)
OPENERS = (
    ("when", Late(r"^(?:when|at\ what\ time|what\ time|what\ date)\b\ ?")),
    ("where", Late(r"^(?:where|(?:in\ which|what)\ (?:directory|folder|place))\b\ ?")),
    ("who", Late(r"^(?:who|whom|whose)\b\ ?")),
    (
        "can",
        Late(r"""^(?:is\ it\ (?:really\ |even\ )?possible\ (?:to|for|that)|(?:can|could|may)\ (?=\S)
            |are\ (?:i|you|we)\ able\ to)\ ?"""),
    ),
    (
        "should",
        Late(r"""^(?:should|shall|must|ought|do\ (?:i|we|you)\ (?:need|have)\ to
            |is\ it\ (?:ok|okay|good|right|wrong|bad|better|worth|safe|necessary)\ to)\b\ ?"""),
    ),
    ("will", Late(r"^(?:will|would)\b\ ?")),
    ("is", Late(r"^(?:is|are|was|were|am|isn't|aren't|does|do|did|has|have|had|don't|doesn't)\b\ ?")),
    ("if", Late(r"^(?:what\ (?:happens|would\ happen|will\ happen|if)|if|suppose)\b\ ?")),
    ("how does", Late(r"^how\b\ ?")),
    ("what", Late(r"^(?:what|which)\b\ ?")),
)
"""What opens every other kind of question, the first that fits."""

TENSES = (
    (
        "past",
        Late(r"""^(?:\S+\ ){0,2}?(?:did|was|were|had)\b
            |(?:you|i|we|they|he|she|ever)\ (?:did|had|was|were)\b"""),
    ),
    ("ability", Late(r".*\b(?:can't|cannot|can\ not|couldn't|cant)\b")),
    ("duty", Late(r"^(?!where|what\ should|which)(?:\S+\ ){1,3}?(?:should|must)(?:n't)?\b")),
    ("future", Late(r"^(?:\S+\ ){0,3}?(?:will|would|going\ to|gonna|'ll)\b")),
)

YOU = Late(
    r"""\b(?:do|did|are|have|were|would|will|if)\ you\b|^(?:\S+\ ){0,3}your\b
    |\byou(?:'ve|'re|\ have|\ had|\ did|\ ever)\b""",
    "you",
)
