"""The Anthropic Messages protocol, at its own host and wherever else it is spoken."""
