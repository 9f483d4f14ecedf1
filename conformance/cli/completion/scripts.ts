import { candidatesWord, type Shell } from './completion-options.ts';

const name = 'mcp-runtime-conformance';
const ask = `completion ${candidatesWord} --`;

const bash = `# bash completion for ${name}
_mcp_runtime_conformance() {
  # bash splits words at = and :. Join them again.
  local -a words=()
  local index word glue=''
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ index -gt 0 && ( -n $glue || $word == [=:]* ) ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    glue=''
    [[ $word == *[=:] && index -lt COMP_CWORD ]] && glue=yes
  done
  local -a kit=("\${words[0]/#\\~/$HOME}")
  if [[ \${words[0]} == npx ]]; then
    if [[ \${#words[@]} -lt 3 || \${words[1]} != ${name} ]]; then
      COMPREPLY=()
      return
    fi
    kit=(npx --no-install ${name})
    words=("\${words[@]:1}")
  fi
  local current=\${words[\${#words[@]}-1]} line value prefix
  local broken=\${current%"\${current##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    value=\${line%%$'\\t'*}
    case $line in
      :files*|:folders*)
        prefix=\${line#*$'\\t'}
        compopt -o filenames
        local -a paths=()
        local how=-f
        [[ $line == :folders* ]] && how=-d
        while IFS= read -r value; do
          [[ $prefix == *@ ]] && value=@$value
          paths+=("$value")
        done < <(compgen "$how" -- "\${current#"$prefix"}")
        COMPREPLY+=("\${paths[@]}")
        ;;
      *)
        [[ $value == *[=@] ]] && compopt -o nospace
        COMPREPLY+=("\${value#"$broken"}")
        ;;
    esac
  done < <("\${kit[@]}" ${ask} "\${words[@]:1}" 2>/dev/null)
}
complete -F _mcp_runtime_conformance ${name}
# Other completions of npx take precedence.
complete -p npx >/dev/null 2>&1 || complete -o default -F _mcp_runtime_conformance npx
`;

const zsh = `#compdef ${name}
# zsh completion for ${name}
_mcp_runtime_conformance() {
  local -a kit=("\${(Q)words[1]}") given=("\${(@Q)words[2,CURRENT]}") plain=() described=() pending=()
  local line value about prefix
  if [[ \${words[1]} == npx ]]; then
    if [[ \${words[2]} != ${name} || CURRENT -lt 3 ]]; then
      _default
      return
    fi
    kit=(npx --no-install ${name})
    given=("\${(@Q)words[3,CURRENT]}")
  fi
  for line in "\${(@f)$("\${kit[@]}" ${ask} "\${given[@]}" 2>/dev/null)}"; do
    value=\${line%%$'\\t'*}
    about=\${line#*$'\\t'}
    case $line in
      '') ;;
      :files*|:folders*)
        prefix=$about
        [[ -n $prefix ]] && compset -P "$prefix"
        if [[ $line == :files* ]]; then _files; else _files -/; fi
        ;;
      *[=@]) pending+=("$value") ;;
      *$'\\t'*) described+=("\${value//:/\\\\:}:$about") ;;
      *) plain+=("$value") ;;
    esac
  done
  (( $#described )) && _describe -V '${name}' described
  (( $#plain )) && compadd -a plain
  (( $#pending )) && compadd -S '' -a pending
  return 0
}
if (( ! $+functions[compdef] )); then
  autoload -Uz compinit && compinit
fi
compdef _mcp_runtime_conformance ${name}
# Other completions of npx take precedence.
(( $+_comps[npx] )) || compdef _mcp_runtime_conformance npx
`;

const fish = `# fish completion for ${name}
function __mcp_runtime_conformance
  set -l words (commandline -opc) (commandline -ct)
  set -l kit $words[1]
  if test "$words[1]" = npx
    set kit npx --no-install ${name}
    set -e words[1]
  end
  set -l token (commandline -ct)
  for line in ($kit ${ask} $words[2..-1] 2>/dev/null)
    set -l parts (string split \\t -- $line)
    switch $line
      case ':files*' ':folders*'
        set -l prefix "$parts[2]"
        set -l path (string sub --start (math (string length -- "$prefix") + 1) -- $token)
        if string match -q ':files*' -- $line
          string replace -r '^' "$prefix" -- (__fish_complete_path "$path")
        else
          string replace -r '^' "$prefix" -- (__fish_complete_directories "$path")
        end
      case '*'
        echo -- $line
    end
  end
end
function __mcp_runtime_conformance_by_npx
  set -l words (commandline -opc)
  test (count $words) -ge 2; and test "$words[2]" = ${name}
end
complete -c ${name} -f -a '(__mcp_runtime_conformance)'
complete -c npx -n __mcp_runtime_conformance_by_npx -f -a '(__mcp_runtime_conformance)'
`;

/** The completion scripts. They ask the program for candidates, so they do not depend on its version. */
export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
