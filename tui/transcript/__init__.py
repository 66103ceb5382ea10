"""How an answer is laid out: Markdown blocks to lines on the screen."""
