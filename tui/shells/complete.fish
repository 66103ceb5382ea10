# leadline: completion for fish. In ~/.config/fish/config.fish:   leadline help completion fish | source
# Made from leadline's own parsers; nothing in it asks a model.

# The models that `leadline models` lists; silent where there is no server. A name comes from a server, so
# one that a shell might read as more than a word is left out.
function __leadline_models
    leadline models 2>/dev/null </dev/null | string sub -s 3 | string replace -r '  .*' '' \
        | string match -r '^[A-Za-z0-9._:/@][A-Za-z0-9._:/@-]*$'
end

# Whether the command line so far is one of this command (of none yet, without an argument).
function __leadline_is
    set -l command ""
    for word in (commandline -opc)[2..]
        if contains -- $word @@names@@
            set command $word
            break
        end
    end
    test "$command" = "$argv[1]"
end

function __leadline_topic
    contains -- (commandline -opc)[-1] $argv
end

complete -c leadline -e
complete -c leadline -f
@@offers@@
