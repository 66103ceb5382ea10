"""How searches for files are put, and the one wording that stands for each."""

from core.cache.vocabulary.late import Late

SEARCHING = Late(
    r"^search(?:es)?\ (?:(?:in|through|inside|under|within)\ )?(?!for\ )(.+?)\ for\ (.+)$", "search"
)
"""What is searched, and what for: "search X for Y" is "find Y in X"."""
SEARCHES = Late(r"^search(?:es)?\b", "search")
REWORDINGS = tuple(
    (Late(pattern, *needs.split("|")), wording)
    for needs, pattern, wording in (
        (
            "number|count|amount",
            r"""\b(?:display|print|show|get|find|output|calculate|count|compute|determine)s?(?:\ out)?[ ]
            (?:the\ )?(total\ )?(?:numbers?|counts?|amount)\ of""",
            r"count \1",
        ),
        (
            "name",
            r"""\b(?:whose|with|having|where|that\ have|which\ have|by)(?:\ the|\ their|\ a)?[ ]
            (?:file\ ?|path\ ?|base\ ?)?names?
            \ (?=end|start|begin)""",
            "",
        ),
        ("end", r"\bend(?:s|ing)?\ (?:in|with|by)\b", "ending with"),
        ("start|begin", r"\b(?:start|begin|beginn)(?:s|ing)?\ (?:with|by)\b", "starting with"),
        (
            "present|located|residing|existing|stored|found",
            r"""\b(?:that\ |which\ )?(?:are\ |is\ |were\ )?
            (?:present|located|residing|existing|stored|found)[ ]
            (?=(?:in|under|on|inside|at)\b)""",
            "",
        ),
        ("belong", r"\b(?:that\ |which\ )?(?:belongs?|belonging)\ to\b", "owned by"),
        ("owner is", r"\bwhose\ owner\ is\b", "owned by user"),
        ("group is|user is", r"\bwhose\ (group|user)\ is\b", r"owned by \1"),
        (
            "entire|whole|complete",
            r"\b(?:entire|whole|complete)\ (?=(?:file\ ?system|system|disk|directory|server|machine)\b)",
            "",
        ),
        ("link", r"\b(?:symbolic|soft|sym)\ ?links?\b", "symlinks"),
        ("normal", r"\b(?:normal|regular\ or\ normal|normal\ or\ regular)\ (?=files?\b)", "regular "),
        ("between", r"\bbetween\ (\x00\d+|\d+)\ and\ (?=\x00|\d)", r"from \1 to "),
        ("starting", r"\bstarting\ (?:from|at)\b", "in"),
        (
            "system|disk|machine",
            r"""\b(?:anywhere\ )?(?:in|on|of|across|throughout)\ (?:the\ |your\ |my\ )?(?:entire\ |whole\ )?
            (?:file\ ?system|system|disk|machine)\b""",
            "in filesystem",
        ),
        ("last", r"(?<=(?:files|links|.that|.were)\ )last\ (?=(?:accessed|modified|changed|updated)\b)", ""),
        (
            "name|called",
            r"""\b(?:called|with\ (?:the\ )?name|having\ (?:the\ )?name|whose\ name\ is|that\ is\ named)[ ]
            (?=\x00)""",
            "named ",
        ),
        (
            "home",
            r"\b(?:the\ |your\ |my\ |a\ )?(?:user's\ |users\ )?home\ (?:directory|folder|dir)\b",
            "home directory",
        ),
        (
            "last|past",
            r"""\b(?:in|within|during|over|for)\ (?:the\ )?(?:last|past)\b(?=\ (?:\x00|\d|one|two|three
            |four|five|six|seven|ten|few|couple|second|minute|hour|day|week|month|quarter|year|night))""",
            "last",
        ),
        (
            "equal",
            r"""\b(?:size\ )?(?:is\ |are\ )?
            (?:equal\ to\ or\ (?:gt|greater\ than)|(?:gt|greater\ than)\ or\ equal\ to)\b""",
            "atleast",
        ),
    )
)
