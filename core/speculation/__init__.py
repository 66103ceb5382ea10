"""What is warmed, read, guessed and answered ahead, on the person's own machine and never in the way."""
