"""The model server: where it is, who said so, what it has, and whether a proxy stands between."""

from collections.abc import Mapping, Sequence

from core.doctor.finding import Finding, State, size_in_words
from core.errors import ProviderError, SettingsInvalid
from core.providers.absence import none_there
from core.providers.address import Address, find_address
from core.providers.base import ModelInfo, Provider
from core.settings.load import Loaded, without_credentials
from core.store.model_facts import full_names

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


async def check_server(
    provider: Provider | None, loaded: Loaded | SettingsInvalid, environ: Mapping[str, str]
) -> list[Finding]:
    """Ask the server what it is and has; nothing is loaded by it."""
    if provider is None:
        return [
            Finding("server", "warning", "not asked: the settings cannot be used", "Mend the settings first.")
        ]
    check = provider.name
    source = _source(provider, loaded, environ)
    where = f"{provider.address} ({source})" if source else provider.address
    try:
        state = await provider.look()
    except ProviderError as error:
        # Most sentences name the address themselves; who set it they do not know.
        told = error.message if provider.address in error.message else f"{provider.address}: {error.message}"
        return [Finding(check, "problem", f"{told} ({source})" if source else told, error.remedy)]
    version = f"version {state.version}" if state.version else "it does not tell its version"
    findings = [Finding(check, "ok", f"{where}, {provider.place()}, {version}")]
    if state.note:
        findings.append(Finding(check, "warning", state.note, "Put the host into NO_PROXY."))
    findings += _models(state.models, provider)
    if not isinstance(loaded, SettingsInvalid):
        findings += _chosen(loaded, state.models, provider)
    return findings


def check_proxies(
    provider: Provider | None, loaded: Loaded | SettingsInvalid, environ: Mapping[str, str]
) -> list[Finding]:
    """Which proxies the environment names, and whether requests go through them."""
    lowered = {name.lower(): value for name, value in environ.items() if value}
    named = {name: lowered[name.lower()] for name in _PROXIES if name.lower() in lowered}
    if not named:
        return [Finding("proxies", "ok", "none in the environment")]
    listed = ", ".join(f"{name}={without_credentials(url)}" for name, url in named.items())
    if provider is None:
        return [Finding("proxies", "ok", listed)]
    if not provider.place().startswith("REMOTE"):
        return [Finding("proxies", "ok", f"{listed}; passed by, the server is near ({provider.place()})")]
    address = _address(loaded, environ)
    if not named.keys() & {f"{address.scheme.upper()}_PROXY", "ALL_PROXY"}:
        return [Finding("proxies", "ok", f"{listed}; passed by, none is for {address.scheme}")]
    if _is_spared(address.host, lowered.get("no_proxy", "")):
        return [Finding("proxies", "ok", f"{listed}; passed by, NO_PROXY names {address.host}")]
    return [Finding("proxies", "ok", f"{listed}; requests to {address.host} go through it")]


def _address(loaded: Loaded | SettingsInvalid, environ: Mapping[str, str]) -> Address:
    return find_address("" if isinstance(loaded, SettingsInvalid) else loaded.settings.fast.base_url, environ)


def _source(provider: Provider, loaded: Loaded | SettingsInvalid, environ: Mapping[str, str]) -> str:
    """Who said that the server is there; empty for one that stands in no setting, as the demo."""
    address = _address(loaded, environ)
    if provider.address != address.url:
        return ""
    if address.source == "fast.base_url" and not isinstance(loaded, SettingsInvalid):
        return f"fast.base_url from {loaded.sources['fast.base_url']}"
    return address.source


def _models(models: Sequence[ModelInfo], provider: Provider) -> list[Finding]:
    check = provider.name
    if not models and not provider.fetches:
        missing = none_there(provider, (), 0)
        return [Finding(check, "warning", missing.message, missing.remedy)]
    if not models:
        return [Finding(check, "problem", "no model is installed", "Fetch one: leadline pull qwen3:4b")]
    away = sum(1 for model in models if model.remote_host)
    count = f"{len(models)} model{'s' if len(models) > 1 else ''}" + (
        f", {away} of them in the cloud" if away else ""
    )
    loaded = [_describe(model) for model in models if model.is_loaded]
    if not provider.fetches:
        return [Finding(check, "ok", f"{count}; {', '.join(loaded)} loaded" if loaded else count)]
    # Said, since a person who waits would look for it here.
    queue = "how many requests wait, Ollama does not tell"
    return [Finding(check, "ok", f"{count}; {', '.join(loaded) or 'none'} loaded; {queue}")]


def _describe(model: ModelInfo) -> str:
    facts = [f"{model.loaded_ctx:,} tokens"] if model.loaded_ctx else []
    if model.loaded_bytes:
        share = round(100 * model.loaded_vram_bytes / model.loaded_bytes)
        facts.append(
            f"{size_in_words(model.loaded_bytes)}, {f'{share} % on the GPU' if share else 'on the CPU'}"
        )
    return f"{model.name} ({', '.join(facts)})" if facts else model.name


def _chosen(loaded: Loaded, models: Sequence[ModelInfo], provider: Provider) -> list[Finding]:
    """Whether the model that the settings name is there."""
    wanted = loaded.settings.fast.model
    names = {model.name for model in models}
    if not models or wanted == "auto" or names.intersection(full_names(wanted)):
        return []
    source = loaded.sources["fast.model"]
    if not provider.fetches:
        # A hosted service answers by more names than it lists.
        level: State = "warning" if provider.place().startswith("REMOTE") else "problem"
        told = f"fast.model = {wanted} (from {source}) is not among the models that are served"
        return [Finding(provider.name, level, told, "Choose one that `leadline models` shows.")]
    remedy = f"Fetch it (leadline pull {wanted}), or choose another one in fast.model."
    return [
        Finding(provider.name, "problem", f"fast.model = {wanted} (from {source}) is not installed", remedy)
    ]


def _is_spared(host: str, no_proxy: str) -> bool:
    """Whether ``NO_PROXY`` names the host, its domain, or all there are."""
    entries = [entry for entry in no_proxy.replace(" ", "").split(",") if entry]
    return any(entry == "*" or host == entry or host.endswith(f".{entry.lstrip('.')}") for entry in entries)
