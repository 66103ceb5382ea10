"""The one door to everything that can go along with a question."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.context.mentions import Mention, MentionKind, expand, named, parse_name, split_range
from core.context.sources.gathered import Gathered
from core.context.sources.origins import origin_of
from core.errors import AttachmentRefused
from core.messages import Attachment


class Sources:
    """Reads what was mentioned, from where the person stands; never blocks the event loop."""

    def __init__(self, cwd: Path, environ: Mapping[str, str]) -> None:
        self._cwd = cwd
        self._environ = environ

    async def read(self, mention: Mention | str) -> Gathered:
        """Read what a text mentions, or what ``-f`` names: a path, a range, a folder, a pattern.

        Raises:
            AttachmentRefused: It cannot be sent along; the remedy says what can.
        """
        if isinstance(mention, str):
            mention = await asyncio.to_thread(self._named, mention)
        name = mention.name
        match mention.kind:
            case MentionKind.FILE:
                return Gathered((await asyncio.to_thread(self._file, name),))
            case MentionKind.DIRECTORY:
                from core.context.sources.folder import take_folder

                return await take_folder(name, self._cwd, self._environ)
            case MentionKind.GLOB:
                from core.context.sources.folder import take_pattern

                return await take_pattern(name, self._cwd, self._environ)
            case MentionKind.DIFF | MentionKind.STAGED:
                from core.context.sources.changes import take_changes

                return await take_changes(mention.kind.value, self._cwd, self._environ)
            case MentionKind.CLIP:
                from core.context.sources.clip import take_clip

                return Gathered((await take_clip(self._environ),))
            case MentionKind.PANE:
                from core.context.sources.pane import take_pane

                return await take_pane(name.partition(":")[2], self._environ)

    async def read_again(self, attachment: Attachment) -> Attachment:
        """The newest version of what was sent before, under the same name.

        Raises:
            AttachmentRefused: It is gone, leads elsewhere, or cannot be sent along any more.
        """
        origin = origin_of(attachment.origin)
        if origin is None:
            raise AttachmentRefused(f"{attachment.name} cannot be read again", "Send it anew.")
        if await asyncio.to_thread(origin.has_moved):
            raise AttachmentRefused(
                f"{attachment.name} leads to another place now", "Name it once more, if that place is meant."
            )
        if origin.kind == "file":
            from core.context.sources.file import take_file

            name = split_range(attachment.name)[0] if origin.lines else attachment.name
            newest = await asyncio.to_thread(take_file, str(origin.path), self._cwd, origin.lines, name)
        else:
            from core.context.sources.changes import take_changes

            newest = (await take_changes(origin.kind, origin.path, self._environ)).attachments[0]
        return replace(newest, name=attachment.name, origin=attachment.origin)

    def _named(self, name: str) -> Mention:
        kind = parse_name(name, self._cwd)
        if kind is None and name.startswith("@") and (kind := named(name[1:])) is not None:
            return Mention(0, len(name), name[1:], kind)
        # What leads nowhere is read like a file: that says best what is wrong.
        return Mention(0, len(name), name, kind or MentionKind.FILE)

    def _file(self, name: str) -> Attachment:
        from core.context.sources.file import take_file

        path, lines = split_range(name)
        try:
            is_there = (self._cwd / expand(name)).exists()
        except (OSError, ValueError):
            is_there = False
        if lines is None or is_there:
            return take_file(name, self._cwd)
        return take_file(path, self._cwd, lines)
