"""What leadline knows and does, without a screen."""
