# Completion of leakseal for bash. Where leakseal has no answer, bash completes file names.
_leakseal() {
    local value _
    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        COMPREPLY+=("$value")
    done < <(leakseal completion --answer bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -o bashdefault -F _leakseal leakseal
