"""What opens an order, and so what "to" only introduces ("a script to restart nginx")."""

from core.cache.vocabulary import words

VERBS = words(
    """accept access add adjust allow append apply archive ask assign attach avoid become begin bind block
    break bring build buy calculate call cancel capture cast catch change check choose clean clear clone
    close combine commit compare compile compress concatenate configure connect contain convert copy count
    create debug declare decode decrease define delete deploy describe destroy detect determine disable
    discard display do download drop earn edit eliminate embed enable encode encrypt end ensure enter erase
    escape evaluate execute exit expand explain export expose extract fetch fill filter find finish fix
    flatten follow force format gain generate get give go grant handle have help hide identify ignore
    implement import improve include increase initialize insert inspect install invoke iterate join keep
    kill know launch learn limit load locate lock log login loop lose maintain make manage map match measure
    merge migrate modify monitor mount move obtain open overwrite parse pass pause perform pick play prepare
    prevent print process prove provide publish pull push put query quit read rebase rebuild receive recover
    redirect reduce refresh reload remove rename render replace reset resize resolve restart restore
    retrieve return reverse revert rewrite rotate round run save scale schedule search see select send serve
    set share shrink show shuffle simulate skip solve sort specify speed split squash start stay stop store
    study style sum swap switch sync take talk teach tell terminate test track transfer transform translate
    traverse trigger trim truncate turn undo uninstall unlock unmount unpack unzip update upgrade upload use
    validate verify view wait want watch win wrap write zip live work mend lose eat sleep marry cook drive
    travel fly invest apply prepare date meet speak stay survive overcome quit visit wear grow die respond
    do be become affect cause happen treat cure prevent protect enjoy afford treat develop feel believe"""
)

MOTION = words(
    """copy move convert migrate import export download upload switch redirect read transfer sync clone send
    receive pull push fetch change translate go come get_from"""
)
"""Verbs whose "from" says a direction even without a "to"."""

LIGHT = words("file word string keyword term user directory folder name named called variable")
"""Nouns that only say what sort of thing the name right behind them is: "the file a.txt"."""

MOVABLE = words(
    """empty hidden regular current remote local unique duplicate large small recursively alphabetically all
    running installed new old available open owned readable writable executable best top total only same
    different given specific existing matching contained present simple quickly automatically currently one
    two three first last up down off out away together back online"""
)
"""Words that may stand before or behind what they describe."""
PICKING = words(
    """empty hidden regular current remote local unique large small new old open best top only same different
    given specific existing matching one two three first last"""
)
"""Of these, those that choose among things, and so must stay beside what they describe."""

LOOKS = words("get obtain retrieve determine find check see show display print view know list output")
PROPERTIES = words(
    """size length version address ip date time usage status pid hash checksum encoding hostname uptime type
    name path permission owner"""
)
"""Whatever the verb, asking for one of these is asking what it is: "check the size", "get the size"."""

VAGUE = words(
    """make do use get have give run put handle need want go take set determine find show check help start
    work perform"""
)
"""Verbs for anything: one more of them, or another, says little."""
IMPLIED = words(
    "recursively treewide current filesystem already new together just very most code command way instance"
)
"""What mostly goes without saying."""
