"""What can go along with a question: files, folders, changes, the clipboard, a pane, a command."""
