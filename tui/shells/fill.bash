# leadline in bash (4 or newer). In ~/.bashrc:   eval "$(leadline help shell bash)"
#
# ctrl+x ctrl+l takes the words that stand on the line ("files larger than 1 GB, largest first"), asks the
# model for a command, and puts it into the line in their place. It is never run: read it, change it, press
# enter yourself. What goes along with the words is said above the line; when no answer comes, the line stays.
# Another key:   bind -x '"\C-g": _leadline_fill'
_leadline_fill() {
    [[ $READLINE_LINE == *[![:space:]]* ]] || return 0
    local answer interrupt
    # Ctrl+C ends the question, and not the line with it.
    interrupt=$(trap -p INT)
    trap '' INT
    answer=$(leadline ask -x -s @@system@@ -- "$READLINE_LINE" </dev/null) || answer=""
    trap - INT
    eval "$interrupt"
    [[ $answer ]] || return 0
    READLINE_LINE=$answer
    READLINE_POINT=${#READLINE_LINE}
}
if [[ $- == *i* ]]; then
    bind -m emacs -x '"\C-x\C-l": _leadline_fill'
    bind -m vi-insert -x '"\C-x\C-l": _leadline_fill'
fi

# For `@pane`, if you like: add the line `leadline_tell_tmux`, and inside tmux the pane knows its last command
# and its exit status (pane options @leadline_command and @leadline_status, for this tmux server alone). A line
# that begins with a space is not told. It costs one call of tmux before and one behind each command.
_leadline_tmux() {
    tmux set -p -t "$TMUX_PANE" "$@" >/dev/null 2>&1
}
_leadline_begun() { # in a subshell of PS0: the line is in the history already, unless it is not meant to be
    local entry command=""
    entry=$(HISTTIMEFORMAT='' builtin history 1)
    if [[ $entry =~ ^[[:space:]]*([0-9]+)[*]?[[:space:]]+(.*)$ ]]; then
        command=${BASH_REMATCH[2]:0:2000}
        # The same entry as before: said once more, or left out of the history because of its space.
        [[ ${BASH_REMATCH[1]} == "$_leadline_number" && $HISTCONTROL == *ignore[bs]* ]] && command=""
    fi
    [[ $command == *\; ]] && command="${command%;}\\;" # a last semicolon would end tmux's own command
    _leadline_tmux @leadline_command "$command" \; set -pu -t "$TMUX_PANE" @leadline_status
}
_leadline_told() {
    local code=$? entry
    entry=$(HISTTIMEFORMAT='' builtin history 1)
    [[ $entry =~ ^[[:space:]]*([0-9]+) ]] && _leadline_number=${BASH_REMATCH[1]}
    [[ $_leadline_ran ]] && _leadline_tmux @leadline_status "$code"
    _leadline_ran=""
    return "$code"
}
leadline_tell_tmux() {
    [[ $TMUX && $TMUX_PANE && $- == *i* && $PROMPT_COMMAND != *_leadline_told* ]] || return 0
    # Only what is really run expands PS0: an enter on an empty line is no command. The second part is empty,
    # and there for what it sets.
    _leadline_mark=" "
    PS0='$(_leadline_begun)${_leadline_mark:0:$((_leadline_ran = 1, 0))}'"$PS0"
    PROMPT_COMMAND="_leadline_told${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
}
