# leadline in zsh. In ~/.zshrc:   eval "$(leadline help shell zsh)"
#
# ctrl+x ctrl+l takes the words that stand on the line ("files larger than 1 GB, largest first"), asks the
# model for a command, and puts it into the line in their place. It is never run: read it, change it, press
# enter yourself. What goes along with the words is said above the line; when no answer comes, the line stays,
# and undo (ctrl+_) brings the words back. Another key:   bindkey '^G' _leadline_fill
_leadline_fill() {
    [[ $BUFFER == *[^[:space:]]* ]] || return 0
    local answer
    setopt local_options local_traps
    trap '' INT # ctrl+c ends the question, and not the line with it
    zle -I
    answer=$(leadline ask -x -s @@system@@ -- "$BUFFER" </dev/null) || return 0
    [[ -n $answer ]] || return 0
    BUFFER=$answer
    CURSOR=${#BUFFER}
}
if [[ -o interactive ]]; then
    zle -N _leadline_fill
    bindkey -M emacs '^X^L' _leadline_fill
    bindkey -M viins '^X^L' _leadline_fill
fi

# For `@pane`, if you like: add the line `leadline_tell_tmux`, and inside tmux the pane knows its last command
# and its exit status (pane options @leadline_command and @leadline_status, for this tmux server alone). A line
# that begins with a space is not told. It costs one call of tmux before and one behind each command.
_leadline_tmux() {
    tmux set -p -t "$TMUX_PANE" "$@" >/dev/null 2>&1
}
_leadline_begun() {
    local command=${1[1,2000]}
    [[ $command == ' '* ]] && command=""
    [[ $command == *\; ]] && command="${command%;}\\;" # a last semicolon would end tmux's own command
    typeset -g _leadline_ran=1
    _leadline_tmux @leadline_command "$command" \; set -pu -t "$TMUX_PANE" @leadline_status
}
_leadline_told() {
    local code=$?
    [[ -n $_leadline_ran ]] && _leadline_tmux @leadline_status "$code"
    typeset -g _leadline_ran=""
}
leadline_tell_tmux() {
    [[ -n $TMUX && -n $TMUX_PANE ]] || return 0
    autoload -Uz add-zsh-hook
    add-zsh-hook preexec _leadline_begun
    add-zsh-hook precmd _leadline_told
}
