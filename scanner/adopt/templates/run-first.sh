# leakseal goes first, since the other hook may send something itself. Both read the same lines.
refs=$(cat)
lines() {
    [ -z "$refs" ] || printf '%s\n' "$refs" 2>/dev/null
}
lines | "$leakseal" guard @HOOK@ "$@" || exit
if [ -f "$before" ] && [ -x "$before" ]; then
    lines | "$before" "$@"
fi
