"""What the model sees: history, attachments, and how much of it fits."""
