"""Whatever speaks the OpenAI-compatible protocol: llama-server, LM Studio, vLLM, hosted models."""
