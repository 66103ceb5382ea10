"""Words that carry no difference, and those that only look as if they did."""

from core.cache.vocabulary import words

STOPS = words(
    """a an the this that these those i me my mine myself you your yours we us our ours one's is are was were
    be been being am do does did doing done has have had having it its it's there here so um uh well just
    please kindly thanks thank hey hi hello ok okay which who whom whose what if can could would should will
    shall might of for and with using use via by on in at as actually really simply basically exactly
    currently properly correctly easily way ways some also too then need want ever utilize utilise utilizing
    whether i'm you're we're they're i've you've we've they've"""
)
"""Dropped as words; kind, role, negation and quantity have read them before they go."""

OWNERS = words("my your our mine yours ours")
"""Dropped as words too, but whose it is may say which one is meant."""

NEGATIONS = words(
    """not no without except excluding never neither nor non none cannot exclude excludes excluded don't
    doesn't didn't isn't aren't wasn't weren't can't couldn't won't wouldn't shouldn't haven't hasn't dont
    doesnt didnt isnt arent wasnt cant couldnt wont wouldnt shouldnt havent hasnt ain't minus sans unless
    lacking"""
)

ROLES = {
    "in": "in", "inside": "in", "within": "in", "under": "under", "beneath": "under", "underneath": "under",
    "on": "in", "at": "in", "of": "of", "for": "for", "with": "with", "using": "with", "via": "with",
    "through": "with", "by": "by", "from": "from", "to": "to", "into": "to", "onto": "to", "than": "than",
    "as": "as", "before": "before", "after": "after", "between": "between", "over": "over",
    "above": "above", "below": "under", "against": "against", "about": "about", "during": "in",
    "towards": "to", "upon": "in", "among": "between", "across": "across", "until": "until",
    "since": "since", "per": "per", "vs": "versus", "versus": "versus", "outside": "outside",
    "insteadof": "insteadof", "ontop": "ontop", "due": "due", "like": "like", "behind": "behind",

}  # fmt: skip

STRONG = words(
    """to from than as before after over above against until since versus outside insteadof ontop due by per
    behind across between every"""
)
"""Roles that say which thing does what; the others only say where."""

QUANTIFIERS = words("all every each any both some several multiple many most")
