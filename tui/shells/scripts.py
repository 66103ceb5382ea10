"""The scripts that stand beside this file, and for whom they are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import UsageInvalid
from tui.arguments import SHELLS

OVERVIEW = """\
Completion: commands, options, topics, and the models that are there. One of

  eval "$(leadline help completion bash)"          in ~/.bashrc
  eval "$(leadline help completion zsh)"           in ~/.zshrc, behind compinit
  leadline help completion fish | source           in ~/.config/fish/config.fish

A command from words: ctrl+x ctrl+l takes the words on the line, asks the model, and puts a command into the
line in their place. It is never run; you read it, change it, and press enter. One of

  eval "$(leadline help shell bash)"               in ~/.bashrc (bash 4 or newer)
  eval "$(leadline help shell zsh)"                in ~/.zshrc
  leadline help shell fish | source                in ~/.config/fish/config.fish

tmux: the line `leadline_tell_tmux` behind that lets a pane know its last command and its exit status, for
`@pane`. It stays in your tmux server; a line that begins with a space is not told.

vim: the selected lines go in, what comes out takes their place; u takes it back:

  :'<,'>!leadline ask -x "add type hints; answer with the code alone"
  :r !git diff --staged | leadline ask -x "commit message"

In pipes: `-x` prints the first code block, or the answer where there is none, and nothing else:

  git diff --staged | leadline ask -x "commit message" | git commit -F -
"""
_SYSTEM = (
    "You turn the words of a developer into one command line for {shell}. Answer with one fenced code block "
    "that holds the command and nothing else: no prompt sign, no comment, no explanation. Use as few lines "
    "as possible. Prefer what changes nothing; never delete or overwrite unless the words ask for it."
)


def read_script(name: str) -> str:
    """A script as it stands beside this file."""
    return (Path(__file__).parent / name).read_text("utf-8")


def widget_script(shell: str) -> str:
    """What a shell is told by ``leadline help shell SHELL``."""
    return read_script(f"fill.{shell}").replace("@@system@@", f"'{_SYSTEM.format(shell=shell)}'")


def shell_named(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The shell that was named, else the person's own.

    Raises:
        UsageInvalid: It is none that a script is there for.
    """
    remedy = f"There is one for {', '.join(SHELLS)}."
    if len(words) > 1:
        raise UsageInvalid("one shell at a time", remedy)
    shell = words[0] if words else Path(environ.get("SHELL", "")).name
    if shell not in SHELLS:
        what = f"there is no script for `{shell}`" if shell else "it is not clear for which shell"
        raise UsageInvalid(what, remedy)
    return shell
