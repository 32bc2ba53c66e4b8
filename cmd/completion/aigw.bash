# bash completion of aigw; the program itself knows the words.
_aigw() {
    local current=${COMP_WORDS[COMP_CWORD]} line
    local -a candidates=()
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == ':files' ]]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${current#@}")
            return
        fi
        candidates+=("${line%%$'\t'*}")
    done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    while IFS= read -r line; do
        [[ -n $line && $line == "$current"* ]] && COMPREPLY+=("$line")
    done < <(printf '%s\n' "${candidates[@]}")
    return 0
}
complete -F _aigw aigw
