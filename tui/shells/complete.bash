# leadline: completion for bash. In ~/.bashrc:   eval "$(leadline help completion bash)"
# Made from leadline's own parsers; nothing in it asks a model.

# The models that `leadline models` lists; silent where there is no server. A name comes from a server, so
# one that a shell might read as more than a word is left out.
_leadline_models() {
    local line
    leadline models 2>/dev/null </dev/null | while IFS= read -r line; do
        line=${line:2}
        line=${line%%  *}
        case $line in '' | -* | *[!A-Za-z0-9._:/@-]*) ;; *) printf '%s\n' "$line" ;; esac
    done
}

_leadline() {
    local line=${COMP_LINE:0:COMP_POINT} command="" word skip=""
    local -a words=() offered=()
    # Not COMP_WORDS: it is cut at the colon of a model's name.
    IFS=$' \t\n' read -r -d '' -a words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    local count=${#words[@]}
    local cur=${words[count - 1]} prev=${words[count - 2]}
    for word in "${words[@]:1:count-2}"; do
        case $word in @@names@@) command=$word && break ;; esac
    done
    case $cur in --*=*) prev=${cur%%=*} cur=${cur#*=} ;; esac
    case "$command $prev" in
    # Nothing offered: bash then completes files by itself, and knows about quotes.
    @@files@@) return ;;
    @@models@@) while IFS= read -r word; do offered+=("$word"); done < <(_leadline_models) ;;
    @@texts@@) return ;;
    "help completion" | "help shell") offered=(@@shells@@) ;;
    *)
        case "$command:$cur" in
@@offers@@
        esac
        ;;
    esac
    case $cur in *:*) [[ $COMP_WORDBREAKS == *:* ]] && skip=${cur%"${cur##*:}"} ;; esac
    COMPREPLY=()
    for word in "${offered[@]}"; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("${word#"$skip"}")
    done
}

complete -o bashdefault -o default -F _leadline leadline
