"""How much may be done ahead: never on somebody else's machine, and less on battery or when others wait."""

import threading
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from core.providers.demo import DemoProvider
from core.settings.model import SpeculationSettings
from core.speculation.level import Level
from core.speculation.modesty import (
    BUSY_OVER_S,
    MOST_BUSY_SHARE,
    MOST_BUSY_SHARE_ON_BATTERY,
    OTHERS_FOR_S,
    Judgement,
    Modesty,
)
from core.speculation.power import READ_EVERY_S, Power, PowerMeter, read_power

OWN = SpeculationSettings(own_hosts=("Box.lan", "http://192.168.1.20:11434", "[fd00::1]:8080"))


class Here:
    """A clock and a plug."""

    def __init__(self) -> None:
        self.now = 5_000.0
        self.power = Power.MAINS

    def modesty(self, settings: SpeculationSettings | None = None) -> Modesty:
        return Modesty(settings or SpeculationSettings(), lambda: self.now, lambda: self.power)


def judged(modesty: Modesty, place: str = "local", remote_host: str = "") -> Judgement:
    return modesty.judge(place=place, remote_host=remote_host)


def test_on_one_s_own_machine_all_may_be_done_and_nothing_is_said() -> None:
    """The ordinary case; the demo is as near as anything can be."""
    modesty = Here().modesty()

    assert judged(modesty) == Judgement(Level.ALL, "")
    assert judged(modesty, DemoProvider().place()) == Judgement(Level.ALL, "")


@pytest.mark.parametrize(
    ("place", "remote_host"),
    [
        ("lan 192.168.1.20", ""),
        ("lan box.lan", ""),
        ("REMOTE box.lan", ""),
        ("REMOTE api.example.com", ""),
        ("local", "https://ollama.com:443"),
        ("REMOTE ollama.com", "https://ollama.com:443"),
        ("demo", "ollama.com"),
        ("", ""),
        ("lan ", ""),
        ("LOCAL", ""),
        ("locally", ""),
    ],
)
def test_with_default_settings_nothing_goes_to_another_machine(place: str, remote_host: str) -> None:
    """What somebody has typed and not sent belongs to them; a place nobody knows is another machine."""
    judgement = judged(Here().modesty(), place, remote_host)

    assert judgement.level is Level.OFF
    assert judgement.reason.startswith("the model runs at ")


@pytest.mark.parametrize(
    ("place", "level"),
    [
        ("lan box.lan", Level.ALL),
        ("lan BOX.LAN.", Level.ALL),
        ("REMOTE box.lan", Level.ALL),  # a name that was not looked up yet
        ("lan 192.168.1.20", Level.ALL),
        ("lan fd00::1", Level.ALL),
        ("lan fd00:0:0::1", Level.ALL),
        ("lan 192.168.1.2", Level.OFF),
        ("lan 192.168.1.201", Level.OFF),
        ("lan other.box.lan", Level.OFF),
        ("lan box.lan.evil.example", Level.OFF),
        ("REMOTE box", Level.OFF),
        ("lan fd00::11", Level.OFF),
    ],
)
def test_a_host_counts_as_one_s_own_by_its_name_alone(place: str, level: Level) -> None:
    """However it was written, and never because another name begins or ends like it."""
    assert judged(Here().modesty(OWN), place).level is level


def test_a_cloud_model_served_by_an_own_host_stays_far_away() -> None:
    """The host only passes it on; no setting makes the cloud one's own."""
    own = SpeculationSettings(own_hosts=("box.lan", "ollama.com"))
    judgement = judged(Here().modesty(own), "REMOTE ollama.com", "https://ollama.com:443")

    assert judgement == Judgement(Level.OFF, "the model runs at ollama.com")
    assert judged(Here().modesty(own), "local", "ollama.com").level is Level.OFF


def test_one_setting_ends_all_of_it_and_one_the_chips() -> None:
    """Whoever wants none of it gets none."""
    off = judged(Here().modesty(SpeculationSettings(enabled=False)))
    assert off == Judgement(Level.OFF, "speculation.enabled is false")
    none = judged(Here().modesty(SpeculationSettings(chips=0)))
    assert none == Judgement(Level.TYPING, "speculation.chips is 0")


def test_nothing_is_done_while_nobody_looks() -> None:
    """The person is elsewhere; a terminal that says nothing of it is taken to be looked at."""
    modesty = Here().modesty()
    modesty.focused(False)
    assert judged(modesty) == Judgement(Level.OFF, "the terminal has no focus")
    modesty.focused(True)
    assert judged(modesty).level is Level.ALL


@pytest.mark.parametrize(
    ("power", "level", "reason"),
    [
        (Power.MAINS, Level.ALL, ""),
        (Power.UNKNOWN, Level.ALL, ""),
        (Power.BATTERY, Level.WARM, "on battery"),
        (Power.SAVER, Level.WARM, "the machine saves power"),
    ],
)
def test_on_battery_only_what_is_warm_is_kept(power: Power, level: Level, reason: str) -> None:
    """It is somebody's afternoon on a train."""
    here = Here()
    here.power = power
    assert judged(here.modesty()) == Judgement(level, reason)


def test_a_busy_device_is_left_to_what_somebody_is_about_to_ask() -> None:
    """Over a fifth of five minutes the fan is heard; what is being typed is read all the same."""
    here = Here()
    modesty = here.modesty()
    modesty.busy(MOST_BUSY_SHARE * BUSY_OVER_S - 0.1)
    assert judged(modesty).level is Level.ALL
    modesty.busy(0.2)
    assert judged(modesty) == Judgement(Level.TYPING, "20 % of the last five minutes were spent on it")
    here.now += BUSY_OVER_S - 30
    assert modesty.busy_share() == pytest.approx((30 + 0.2) / BUSY_OVER_S, abs=1e-6), "cut at five minutes"
    assert judged(modesty).level is Level.ALL
    here.now += BUSY_OVER_S
    assert modesty.busy_share() == 0.0


def test_on_battery_a_little_below_a_fiftieth_is_the_end_of_it() -> None:
    """Six seconds in five minutes are hardly felt; what is begun before them may end behind them."""
    here = Here()
    here.power = Power.BATTERY
    modesty = here.modesty()
    modesty.busy(MOST_BUSY_SHARE_ON_BATTERY * BUSY_OVER_S - 0.1)
    assert judged(modesty).level is Level.WARM
    modesty.busy(0.2)
    assert judged(modesty) == Judgement(
        Level.OFF, "2 % of the last five minutes were spent on it, on battery"
    )
    modesty.busy(-5.0)
    spent = MOST_BUSY_SHARE_ON_BATTERY + 0.1 / BUSY_OVER_S
    assert modesty.busy_share() == pytest.approx(spent), "a clock that jumped takes nothing back"
    here.power = Power.MAINS
    assert judged(modesty).level is Level.ALL


def test_ten_minutes_of_warm_after_somebody_else_used_the_server() -> None:
    """A good neighbour: their requests wait in the same queue."""
    here = Here()
    modesty = here.modesty()
    modesty.others()
    assert judged(modesty) == Judgement(Level.WARM, "another program used the server just now")
    here.now += 181
    assert judged(modesty) == Judgement(Level.WARM, "another program used the server 3 min ago")
    here.now += OTHERS_FOR_S - 181 - 0.1
    assert judged(modesty).level is Level.WARM
    here.now += 0.1
    assert judged(modesty).level is Level.ALL


def test_of_several_reasons_the_one_that_leaves_the_least_is_told() -> None:
    """One reason is read; it must be the one that matters."""
    here = Here()
    here.power = Power.BATTERY
    modesty = here.modesty()
    modesty.others()
    modesty.focused(False)

    assert judged(modesty).reason == "the terminal has no focus"
    modesty.focused(True)
    assert judged(modesty).reason == "on battery"
    assert judged(modesty, "lan box").level is Level.OFF


def wait_for_readers() -> None:
    """Return when nobody reads the battery any more."""
    for thread in threading.enumerate():
        if thread.name == "leadline-power":
            thread.join(10)


def test_the_battery_is_read_in_a_thread_and_seldom() -> None:
    """A sensor that hangs must not hold up a key, and every look costs what it is meant to save."""
    now, reading, go_on = [100.0], threading.Semaphore(0), threading.Semaphore(0)
    threads = []

    def read() -> Power:
        threads.append(threading.current_thread())
        reading.release()
        assert go_on.acquire(timeout=100)
        return Power.BATTERY

    meter = PowerMeter(lambda: now[0], read)
    assert meter() is Power.UNKNOWN
    assert reading.acquire(timeout=100)
    now[0] += 2 * READ_EVERY_S
    assert meter() is Power.UNKNOWN
    alive = [thread.name for thread in threading.enumerate()]
    assert alive.count("leadline-power") == 1, "one that hangs is not asked again"
    go_on.release()
    threads[0].join(10)

    assert meter() is Power.BATTERY
    assert reading.acquire(timeout=100)
    go_on.release()
    threads[1].join(10)
    now[0] += READ_EVERY_S - 1
    assert meter() is Power.BATTERY
    assert len(threads) == 2
    assert threading.main_thread() not in threads


def test_without_a_word_about_power_it_is_read_by_itself_and_off_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who builds it cannot choose the way that blocks by forgetting something."""
    threads = []

    def read() -> Power:
        threads.append(threading.current_thread())
        return Power.BATTERY

    monkeypatch.setattr("core.speculation.power.read_power", read)
    modesty = Modesty(SpeculationSettings(), lambda: 0.0)
    judged(modesty)
    wait_for_readers()

    assert threads[0].name == "leadline-power"
    assert judged(modesty).reason == "on battery"


def test_a_sensor_that_breaks_is_no_noise_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    """What a thread would print goes right across it."""

    def read() -> Power:
        raise KeyError("BAT0")

    meter = PowerMeter(lambda: 0.0, read)
    meter()
    wait_for_readers()
    assert meter() is Power.UNKNOWN
    assert capfd.readouterr() == ("", "")


def supply(folder: Path, name: str, **said: str) -> None:
    """One power supply as Linux shows it."""
    (folder / name).mkdir(parents=True)
    for file, text in said.items():
        (folder / name / file).write_text(f"{text}\n")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A battery that says what the test wants."""
    battery = SimpleNamespace(power_plugged=False)
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    return battery


@pytest.mark.parametrize(
    ("is_plugged", "power"), [(False, Power.BATTERY), (True, Power.MAINS), (None, Power.UNKNOWN)]
)
def test_a_battery_says_whether_it_is_plugged_in(
    tmp_path: Path, plugged: SimpleNamespace, is_plugged: bool | None, power: Power
) -> None:
    """And sometimes does not know."""
    supply(tmp_path, "BAT0", type="Battery")
    plugged.power_plugged = is_plugged

    assert read_power(tmp_path, tmp_path / "no profile") is power


def test_the_battery_of_a_mouse_is_not_the_machine_s(tmp_path: Path, plugged: SimpleNamespace) -> None:
    """A desktop with a wireless mouse would be on battery for ever; so would a container that shows none."""
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device")
    supply(tmp_path, "AC", type="Mains")

    assert read_power(tmp_path, tmp_path / "none") is Power.MAINS
    assert read_power(tmp_path / "hidden", tmp_path / "none") is Power.MAINS


def test_a_machine_that_was_told_to_save_power_is_believed(tmp_path: Path, plugged: SimpleNamespace) -> None:
    """Also on mains: somebody chose it."""
    profile = tmp_path / "platform_profile"
    profile.write_text("low-power\n")
    assert read_power(tmp_path, profile) is Power.SAVER
    profile.write_text("balanced\n")
    assert read_power(tmp_path, profile) is Power.MAINS


@pytest.mark.parametrize(
    "error", [OSError("gone"), ValueError("int"), TypeError("str"), AttributeError("none")]
)
def test_a_sensor_that_cannot_be_read_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Sensors are files that vanish and say odd things; one that fails is no reason to do less."""

    def fail() -> None:
        raise error

    supply(tmp_path, "BAT1", type="Battery")
    monkeypatch.setattr(psutil, "sensors_battery", fail, raising=False)

    assert read_power(tmp_path, tmp_path / "none") is Power.UNKNOWN


def test_this_very_machine_says_something() -> None:
    """The real sensor, whatever it is here: a word, and no exception."""
    assert read_power() in Power
