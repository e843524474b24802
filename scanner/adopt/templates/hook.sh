#!/bin/sh
# leakseal hook: @HOOK@
# Made by: leakseal install-hook. To put back what was here: leakseal install-hook@SCOPE@ --uninstall
leakseal=@LEAKSEAL@
before=@BEFORE@

if ! [ -x "$leakseal" ]; then
    gone=$leakseal
    leakseal=$(command -v leakseal)
    case $leakseal in
    /* | [A-Za-z]:*) ;;
    *)
        {
            printf '%s\n' "leakseal: neither $gone nor a leakseal on PATH is there, so nothing was searched: blocked."
            printf '%s\n' "Install leakseal again, or take this hook away; it is the file $0"
            [ ! -e "$before" ] || printf '%s\n' "The hook that ran before it: $before"
            printf '%s\n' "Once without it: git @COMMAND@ --no-verify"
        } >&2
        exit 2
        ;;
    esac
fi

