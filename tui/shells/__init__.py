"""What leadline gives to bash, zsh and fish: completion, a key that fills the line, and a word to tmux."""
