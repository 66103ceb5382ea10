"""Where deep questions would go: the model, its key and its price. Nothing is sent, and no name looked up."""

from collections.abc import Mapping

from core.doctor.finding import Finding
from core.errors import HouseError, SettingsInvalid
from core.providers.address import place_word
from core.settings.api_keys import VENDORS, Found, Safe, Section, origin_of, vendor_variable
from core.settings.load import Loaded
from core.settings.model import Settings
from core.settings.paths import Paths

_CHECK = "deep"


def check_depth(paths: Paths, loaded: Loaded | SettingsInvalid, environ: Mapping[str, str]) -> list[Finding]:
    """What a question asked in depth would meet."""
    from core.providers.deep.places import deep_address, how_to_set, vendors_at_hand

    if isinstance(loaded, SettingsInvalid):
        return []  # said by who looks at the settings
    settings = loaded.settings
    if not settings.deep.provider:
        at_hand = [VENDORS[name][1] for name in vendors_at_hand(environ)]
        offer = (
            f"; {', '.join(at_hand)} is set, and could be used (leadline help settings)" if at_hand else ""
        )
        return [Finding(_CHECK, "ok", f"on this machine, with thinking: deep.provider names nobody{offer}")]
    address = deep_address(settings, environ)
    origin = origin_of(f"{address.scheme}://{address.netloc}")
    place = place_word(address.host, address.ip, "")
    section = None
    if address.source == "deep.base_url":
        section = Section("deep", origin, settings.deep.api_key_cmd.strip())
    try:
        key = _key_text(Safe(paths.keys_file, environ), origin, section)
    except HouseError as error:
        return [Finding(_CHECK, "problem", error.message, error.remedy)]
    is_near = not place.startswith("REMOTE")
    message = f"{settings.deep.model} ({settings.deep.provider}, {place}), {key or 'no key'}"
    findings = [Finding(_CHECK, "ok", f"{message}{'' if is_near else _price_text(settings)}")]
    if not key and vendor_variable(origin):
        remedy = f"Give it one: {how_to_set(origin)}."
        findings = [Finding(_CHECK, "warning", f"{message}, and it takes no question without one", remedy)]
    if not is_near and not _price_text(settings):
        unknown = f"what {settings.deep.model} costs is not known, so only its tokens are bounded"
        remedy = f'leadline config set "prices.{settings.deep.model}" "1.25 10"  (dollars a million tokens)'
        findings.append(Finding(_CHECK, "warning", unknown, remedy))
    return findings


def _key_text(safe: Safe, origin: str, section: Section | None) -> str:
    """Which key would be sent, by its last four; a command is named and not run. Empty without one."""
    plain = section._replace(command="") if section else None
    found: Found | None = safe.find(origin, plain)
    is_set = found is not None and found.source in safe.environ
    if section is not None and section.command and not is_set:
        return "key from api_key_cmd, run when it is needed"
    return f"key {found.value} from {found.source}" if found else ""


def _price_text(settings: Settings) -> str:
    """``, $5 read and $25 written for a million tokens (prices of 2026-11-26)``; empty where not known."""
    from core.deep.price_table import PriceTable

    table, model = PriceTable(settings.prices), settings.deep.model
    price = table.find(model)
    if price is None:
        return ""
    whose = "as [prices] says" if table.is_own(model) else f"prices of {table.date}"
    return f", ${price.read:g} read and ${price.written:g} written for a million tokens ({whose})"
