#compdef leakseal
# Completion of leakseal for zsh. Where leakseal has no answer, zsh completes file names.
_leakseal() {
    local line help
    local -a answers
    for line in "${(@f)$("${words[1]}" completion --answer zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
        help=${line#*$'\t'}
        [[ -n $line ]] && answers+=("${${line%%$'\t'*}//:/\\:}${help:+:$help}")
    done
    if ((${#answers})); then
        _describe -V leakseal answers
    else
        _files
    fi
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _leakseal "$@"
else
    compdef _leakseal leakseal
fi
