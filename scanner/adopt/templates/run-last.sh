# The other hook goes first, since it may still change what is committed.
if [ -f "$before" ] && [ -x "$before" ]; then
    "$before" "$@" || exit
fi
exec "$leakseal" guard @HOOK@ "$@"
