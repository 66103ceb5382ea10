"""How leadline is seen and typed at: the screen and the one-shot command."""
