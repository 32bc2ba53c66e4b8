# bash completion of aigw; the program itself knows the words.
_aigw() {
    # Readline takes words apart at = and :, and replaces what stands behind the last of them only.
    local -a words=()
    local word glued=0 line
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && ($glued -eq 1 || $word =~ ^[=:]+$) ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        if [[ $word =~ ^[=:]+$ ]]; then glued=1; else glued=0; fi
    done
    local current=${words[*]: -1}
    local kept=${current%"${current##*[=:]}"}
    local -a candidates=()
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == ':files' ]]; then
            compopt -o filenames 2>/dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${current#@}")
            return
        fi
        candidates+=("${line%%$'\t'*}")
    done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
    while IFS= read -r line; do
        [[ $line == "$current"* && -n ${line#"$kept"} ]] && COMPREPLY+=("${line#"$kept"}")
    done < <(printf '%s\n' "${candidates[@]}")
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _aigw aigw
