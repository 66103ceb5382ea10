#compdef leadline
# leadline: completion for zsh. In ~/.zshrc, behind compinit:   eval "$(leadline help completion zsh)"
# Made from leadline's own parsers; nothing in it asks a model.

# The models that `leadline models` lists; silent where there is no server. A name comes from a server, so
# one that a shell might read as more than a word is left out.
_leadline_models() {
    local line
    leadline models 2>/dev/null </dev/null | while IFS= read -r line; do
        line=${line[3,-1]}
        line=${line%%  *}
        case $line in ('' | -* | *[^A-Za-z0-9._:/@-]*) ;; (*) print -r -- "$line" ;; esac
    done
}

_leadline() {
    local command="" word prev=${words[CURRENT - 1]}
    local -a offered
    for word in "${(@)words[2,CURRENT - 1]}"; do
        case $word in (@@names@@) command=$word && break ;; esac
    done
    if [[ $PREFIX == --*=* ]]; then
        prev=${PREFIX%%=*}
        compset -P '*='
    fi
    case "$command $prev" in
    (@@files@@) _files ;;
    (@@models@@) offered=(${(f)"$(_leadline_models)"}) && compadd -a offered ;;
    (@@texts@@) _message 'text' ;;
    ("help completion" | "help shell") compadd @@shells@@ ;;
    (*)
        case "$command:$PREFIX" in
@@offers@@
        esac
        ;;
    esac
}

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
compdef _leadline leadline
