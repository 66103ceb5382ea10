"""What holds for all tests: each worker reads a part of them first, so that not each compiles all of them."""

import gc
import importlib
import signal
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, settings

# The same examples each time, however long one takes: a suite that fails by chance is one nobody believes.
settings.register_profile(
    "leadline",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("leadline")

READ = pytest.StashKey[bool]()


def pytest_configure() -> None:
    """Whoever starts us behind a script's `&` has ctrl+c ignored, and what we start would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: it need not be looked through for rubbish again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Begin to import where the others do not; from a clean state compiling is two thirds of collecting."""
    worker = getattr(collector.config, "workerinput", None)
    if worker is None or collector.config.stash.get(READ, False):
        return
    collector.config.stash[READ] = True
    root = collector.config.rootpath
    folders = [path for argument in collector.config.args if (path := root / argument).is_dir()]
    files = sorted(file for folder in folders for file in folder.rglob("test_*.py"))
    first = len(files) * int(worker["workerid"].removeprefix("gw")) // int(worker["workercount"])
    for file in files[first:] + files[:first]:
        with suppress(Exception):  # what cannot be imported is said when its tests are collected
            importlib.import_module(".".join(file.relative_to(root).with_suffix("").parts))
