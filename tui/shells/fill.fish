# leadline in fish. In ~/.config/fish/config.fish:   leadline help shell fish | source
#
# ctrl+x ctrl+l takes the words that stand on the line ("files larger than 1 GB, largest first"), asks the
# model for a command, and puts it into the line in their place. It is never run: read it, change it, press
# enter yourself. What goes along with the words is said above the line; when no answer comes, the line stays,
# and undo (ctrl+z) brings the words back. Another key:   bind \cg __leadline_fill
function __leadline_fill
    set -l words (commandline | string collect)
    if string match -q -r '\S' -- $words
        echo >&2 # what is said comes below the line
        function __leadline_calm --on-signal INT # ctrl+c ends the question, and not the line with it
            commandline -f repaint
        end
        set -l answer (leadline ask -x -s @@system@@ -- $words </dev/null | string collect)
        if test -n "$answer"
            commandline -r -- $answer
        end
        functions -e __leadline_calm
        commandline -f repaint
    end
end
if status is-interactive
    bind \cx\cl __leadline_fill
    bind -M insert \cx\cl __leadline_fill
end

# For `@pane`, if you like: add the line `leadline_tell_tmux`, and inside tmux the pane knows its last command
# and its exit status (pane options @leadline_command and @leadline_status, for this tmux server alone). A line
# that begins with a space is not told. It costs one call of tmux before and one behind each command.
function leadline_tell_tmux
    test -n "$TMUX" -a -n "$TMUX_PANE"; or return 0
    function __leadline_begun --on-event fish_preexec
        set -l command (string sub -l 2000 -- $argv[1] | string collect)
        string match -q ' *' -- $command; and set command ""
        # A last semicolon would end tmux's own command.
        set command (string replace -r ';$' '\\\\;' -- $command | string collect)
        tmux set -p -t $TMUX_PANE @leadline_command "$command" \; set -pu -t $TMUX_PANE @leadline_status >/dev/null 2>&1
    end
    function __leadline_told --on-event fish_postexec
        set -l code $status
        tmux set -p -t $TMUX_PANE @leadline_status $code >/dev/null 2>&1
    end
end
