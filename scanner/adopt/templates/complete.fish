# Completion of leakseal for fish. Where leakseal has no answer, fish completes file names.
function __leakseal_complete
    set -l words (commandline -opc)
    set -l answers ($words[1] completion --answer fish -- $words[2..] (commandline -ct) 2>/dev/null)
    if test (count $answers) -gt 0
        printf '%s\n' $answers
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --no-files --keep-order --command leakseal --arguments '(__leakseal_complete)'
