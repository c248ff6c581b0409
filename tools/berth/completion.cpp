#include "tools/berth/completion.hpp"

#include "tools/berth/definitions.hpp"

namespace berth::tools {
namespace {

void append_word(std::string& list, const std::string& word) {
  if (!list.empty()) list += ' ';
  list += word;
}

// Every flag, and the words of arguments that are told by their place.
std::string words_of(const CLI::App& app) {
  std::string list;
  for (const Argument& argument : arguments_of(app)) {
    if (argument.flags.empty())
      for (const std::string& word : argument.words) append_word(list, word);
    for (const std::string& flag : argument.flags) append_word(list, flag);
  }
  return list;
}

bool takes_file(const CLI::App& app) {
  for (const Argument& argument : arguments_of(app))
    if (argument.takes_file()) return true;
  return false;
}

// The text within single quotes of a POSIX shell or of zsh.
std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'')
      out += "'\\''";
    else
      out += letter;
  }
  return out + "'";
}

// fish knows backslashes inside single quotes, and no other way.
std::string quoted_for_fish(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "'";
}

// zsh's _arguments: colons and brackets part the fields of a specification.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    if (letter == ':' || letter == '[' || letter == ']' || letter == '\\') out += '\\';
    out += letter;
  }
  return out;
}

std::string zsh_value(const Argument& argument) {
  if (argument.value.empty()) return {};
  if (argument.takes_file()) return ":file:_files";
  std::string words;
  for (const std::string& word : argument.words) append_word(words, word);
  return ":value:(" + words + ')';
}

std::string zsh_arguments(const CLI::App& app) {
  std::string specs;
  for (const Argument& argument : arguments_of(app)) {
    const std::string value = zsh_value(argument);
    if (argument.flags.empty()) specs += " \\\n        " + in_quotes("1:" + value.substr(1));
    for (const std::string& flag : argument.flags) {
      std::string spec = flag;
      spec.append("[").append(zsh_text(argument.description)).append("]").append(value);
      specs += " \\\n        " + in_quotes(spec);
    }
  }
  return "_arguments" + specs;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string verbs;
  std::string cases;
  for (const CLI::App* const verb : verbs_of(app)) {
    append_word(verbs, verb->get_name());
    cases += "    " + verb->get_name() + ") words='" + words_of(*verb) +
             "'; files=" + (takes_file(*verb) ? "yes" : "no") + " ;;\n";
  }
  return "# bash completion of berth, made by `berth completion bash`\n"
         "_berth() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} verb= words= files=no i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    if [[ ${COMP_WORDS[i]} != -* ]]; then verb=${COMP_WORDS[i]}; break; fi\n"
         "  done\n"
         "  case $verb in\n"
         "    '') words='" +
         verbs + ' ' + words_of(app) + "' ;;\n" + cases +
         "  esac\n"
         "  COMPREPLY=()\n"
         "  local line\n"
         "  while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(\n"
         "    compgen -W \"$words\" -- \"$word\" || :\n"
         "    if [[ $files == yes && $word != -* ]]; then compgen -f -- \"$word\" || :; fi\n"
         "  )\n"
         "}\n"
         "complete -o filenames -F _berth berth\n";
}

std::string zsh_completion(const CLI::App& app) {
  std::string verbs;
  std::string cases;
  for (const CLI::App* const verb : verbs_of(app)) {
    verbs += "    " + in_quotes(verb->get_name() + ':' + zsh_text(verb->get_description())) + '\n';
    cases += "      " + verb->get_name() + ")\n        " + zsh_arguments(*verb) + "\n        ;;\n";
  }
  return "#compdef berth\n"
         "# zsh completion of berth, made by `berth completion zsh`\n"
         "_berth() {\n"
         "  local -a verbs=(\n" +
         verbs +
         "  )\n"
         "  if ((CURRENT == 2)); then\n"
         "    _describe -t verbs verb verbs\n"
         "    " +
         zsh_arguments(app) +
         "\n"
         "  else\n"
         "    local verb=${words[2]}\n"
         "    shift words\n"
         "    ((CURRENT--))\n"
         "    case $verb in\n" +
         cases +
         "    esac\n"
         "  fi\n"
         "}\n"
         "if [[ ${funcstack[1]} == _berth ]]; then\n"
         "  _berth \"$@\"\n"
         "else\n"
         "  compdef _berth berth\n"
         "fi\n";
}

std::string fish_completion(const CLI::App& app) {
  std::string script =
      "# fish completion of berth, made by `berth completion fish`\n"
      "complete -c berth -f\n";
  const auto append_arguments = [&](const CLI::App& of, const std::string& condition) {
    for (const Argument& argument : arguments_of(of)) {
      std::string line = "complete -c berth -n " + quoted_for_fish(condition);
      for (const std::string& flag : argument.flags)
        line += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
      if (argument.takes_file()) line += argument.flags.empty() ? " -F" : " -r -F";
      std::string words;
      for (const std::string& word : argument.words) append_word(words, word);
      if (!words.empty()) line += " -a " + quoted_for_fish(words);
      script += line + " -d " + quoted_for_fish(argument.description) + '\n';
    }
  };
  append_arguments(app, "__fish_use_subcommand");
  for (const CLI::App* const verb : verbs_of(app)) {
    script += "complete -c berth -n __fish_use_subcommand -a " + verb->get_name() + " -d " +
              quoted_for_fish(verb->get_description()) + '\n';
    append_arguments(*verb, "__fish_seen_subcommand_from " + verb->get_name());
  }
  return script;
}

}  // namespace berth::tools
