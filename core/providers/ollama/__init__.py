"""Ollama's native API, on bytes."""
