# fish completion of aigw; the program itself knows the words.
function __aigw_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (aigw __complete $words[2..-1] 2>/dev/null)
        if test "$line" = ':files'
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c aigw -f -a '(__aigw_complete)'
