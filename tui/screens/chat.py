"""The one screen where questions are asked and answers are read: it composes, binds and routes."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from core.engine.models import Outlook, Readiness
from core.errors import HouseError
from core.events import (
    Noted,
    Routed,
    TextDelta,
    TurnCancelled,
    TurnEvent,
    TurnFailed,
    TurnFinished,
    TurnStarted,
    UsageReported,
    Waiting,
)
from core.messages import AnswerState, Question
from core.sanitise import clean
from tui.amounts import seconds_text
from tui.bridge import Bridge, TurnProgressed
from tui.clipboard import copy_text
from tui.keys import Action, commands
from tui.screens.asking import Asking, Pending
from tui.screens.help import HelpScreen
from tui.screens.models import ModelScreen
from tui.screens.fetching import Fetching
from tui.transcript.view import Transcript
from tui.widgets.prompt import Prompt
from tui.widgets.status import NoticeRow, StatusLine
