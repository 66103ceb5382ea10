"""Settings to a whole engine: the one place where everything meets."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.context.project import directory_of
from core.engine.build_provider import build_provider
from core.engine.engine import Engine
from core.errors import StoreUnavailable
from core.settings.model import Settings
from core.store.database import Database


def open_store(path: Path) -> tuple[Database, str]:
    """The database, or one in memory with the reason why nothing will be kept."""
    try:
        return Database.open(path, time.time), ""
    except StoreUnavailable as error:
        return Database.open(None, time.time), f"nothing will be saved: {error.message}. {error.remedy}"


def build_engine(
    settings: Settings, database: Path, environ: Mapping[str, str], is_demo: bool = False
) -> tuple[Engine, str]:
    """The engine, and what the person must know about its store (empty when all is well)."""
    if is_demo:  # it has one model with one window; what is set is meant for a real one
        settings = replace(settings, fast=replace(settings.fast, model="auto", num_ctx=0))
    store, note = open_store(database)
    provider = build_provider(settings, environ, is_demo)
    return Engine(settings, provider, store, directory_of(environ), environ=environ), note
