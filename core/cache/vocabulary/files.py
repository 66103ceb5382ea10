"""How searches for files are put, and the one wording that stands for each."""

import re

_SHOWS = r"(?:display|print|list|show|output|view)s?"
_THEM = r"(?:them|it|(?:those|these)(?:\ files)?|each(?:\ of\ them|\ one)?|all\ of\ them|the\ results?)"

SEARCHING = re.compile(r"^search(?:es)? (?:(?:in|through|inside|under|within) )?(?!for )(.+?) for (.+)$")
"""What is searched, and what for: "search X for Y" is "find Y in X"."""
SEARCHES = re.compile(r"^search(?:es)?\b")
FINDS = re.compile(
    rf"""^((?:recursively\ )?(?:find|search|locate)s?(?:\ for)?)\ (.+?),?[ ]
    (?:and|then|and\ then)\ (\w+)\ {_THEM}\b(.*)$""",
    re.X,
)
"""What is done with what is found: "find the logs and delete them" is "delete the logs"."""
ALSO_SHOWN = re.compile(rf",?\ and\ {_SHOWS}\ {_THEM}$", re.X)
"""Whatever is found is shown: "find the logs and print them" is "find the logs"."""

REWORDINGS = tuple(
    (re.compile(pattern, re.X), wording)
    for pattern, wording in (
        (
            r"""\b(display|print|show|get|find|give)s?\ (?:me\ )?(?:a\ |the\ )?lists?\ of
            (?=\ (?:all|the|every|files|directories|users|processes|installed|running|\x00))""",
            r"\1",
        ),
        (
            r"""\b(?:display|print|show|get|find|output|calculate|count|compute|determine)s?(?:\ out)?[ ]
            (?:the\ )?(total\ )?(?:numbers?|counts?|amount)\ of""",
            r"count \1",
        ),
        (
            r"""\b(?:whose|with|having|where|that\ have|which\ have|by)(?:\ the|\ their|\ a)?[ ]
            (?:file\ ?|path\ ?|base\ ?)?names?
            \ (?=(?:end|start|begin|match|contain|do|does|not|is|are|like)|that\b)""",
            "",
        ),
        (r"\bend(?:s|ing)?\ (?:in|with|by)\b", "ending with"),
        (r"\b(?:start|begin|beginn)(?:s|ing)?\ (?:with|by)\b", "starting with"),
        (
            r"""\b(?:that\ |which\ )?(?:are\ |is\ |were\ )?
            (?:present|located|residing|existing|stored|found)[ ]
            (?=(?:in|under|on|inside|at)\b)""",
            "",
        ),
        (r"\b(?:that\ |which\ )?(?:belongs?|belonging)\ to\b", "owned by"),
        (r"\bwhose\ owner\ is\b", "owned by user"),
        (r"\bwhose\ (group|user)\ is\b", r"owned by \1"),
        (r"\b(?:entire|whole|complete)\ (?=(?:file\ ?system|system|disk|directory|server|machine)\b)", ""),
        (r"\b(?:symbolic|soft|sym)\ ?links?\b", "symlinks"),
        (r"\b(?:normal|regular\ or\ normal|normal\ or\ regular)\ (?=files?\b)", "regular "),
        (r"\bbetween\ (\x00\d+|\d+)\ and\ (?=\x00|\d)", r"from \1 to "),
        (r"\bstarting\ (?:from|at)\b", "in"),
        (
            r"""\b(?:anywhere\ )?(?:in|on|of|across|throughout)\ (?:the\ |your\ |my\ )?(?:entire\ |whole\ )?
            (?:file\ ?system|system|disk|machine)\b""",
            "in filesystem",
        ),
        (r"(?<=(?:files|links|.that|.were)\ )last\ (?=(?:accessed|modified|changed|updated)\b)", ""),
        (
            r"""\b(?:called|with\ (?:the\ )?name|having\ (?:the\ )?name|whose\ name\ is|that\ is\ named)[ ]
            (?=\x00)""",
            "named ",
        ),
        (
            r"\b(?:the\ |your\ |my\ |a\ )?(?:user's\ |users\ )?home\ (?:directory|folder|dir)\b",
            "home directory",
        ),
        (r"\b(?:in|within|during|over|for)\ (?:the\ )?(?:last|past)\b", "last"),
        (
            r"""\b(?:size\ )?(?:is\ |are\ )?
            (?:equal\ to\ or\ (?:gt|greater\ than)|(?:gt|greater\ than)\ or\ equal\ to)\b""",
            "atleast",
        ),
    )
)
