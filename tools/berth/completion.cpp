#include "tools/berth/completion.hpp"

#include <functional>

#include "tools/berth/definitions.hpp"

namespace berth::tools {
namespace {

constexpr const char* fish_no_verb = "__fish_use_subcommand";

void append_word(std::string& list, const std::string& word) {
  if (!list.empty()) list += ' ';
  list += word;
}

// Verbs, every flag, and the words of arguments that are told by their place.
std::string words_of(const CLI::App& app) {
  std::string list;
  for (const CLI::App* const verb : verbs_of(app)) append_word(list, verb->get_name());
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

// Verbs where a verb may stand, then the arguments of the one that does.
std::string zsh_verbs(const CLI::App& app, const std::string& indent) {
  std::string verbs;
  std::string cases;
  for (const CLI::App* const verb : verbs_of(app)) {
    verbs += indent + "  " + in_quotes(verb->get_name() + ':' + zsh_text(verb->get_description())) +
             '\n';
    cases += indent + "  " + verb->get_name() + ")\n";
    cases += verbs_of(*verb).empty() ? indent + "    " + zsh_arguments(*verb) + '\n'
                                     : zsh_verbs(*verb, indent + "    ");
    cases += indent + "    ;;\n";
  }
  return indent + "local -a verbs=(\n" + verbs + indent + ")\n" +  //
         indent + "if ((CURRENT == 2)); then\n" +                  //
         indent + "  _describe -t verbs verb verbs\n" +            //
         indent + "  " + zsh_arguments(app) + '\n' +               //
         indent + "else\n" +                                       //
         indent + "  local verb=${words[2]}\n" +                   //
         indent + "  shift words\n" +                              //
         indent + "  ((CURRENT--))\n" +                            //
         indent + "  case $verb in\n" + cases +                    //
         indent + "  esac\n" +                                     //
         indent + "fi\n";
}

using FishArguments = std::function<void(const CLI::App&, const std::string&)>;

// The verbs below one, where `condition` holds, and the arguments of each.
void append_fish_verbs(std::string& script, const CLI::App& app, const std::string& condition,
                       const FishArguments& append_arguments) {
  for (const CLI::App* const verb : verbs_of(app)) {
    script += "complete -c berth -n " + quoted_for_fish(condition) + " -a " + verb->get_name() +
              " -d " + quoted_for_fish(verb->get_description()) + '\n';
    const std::string inside = (condition == fish_no_verb ? "" : condition + "; and ") +
                               "__fish_seen_subcommand_from " + verb->get_name();
    append_arguments(*verb, inside);
    append_fish_verbs(script, *verb, inside, append_arguments);
  }
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string paths;
  std::string cases;
  for (const Command& command : commands_of(app)) {
    const std::size_t space = command.name.rfind(' ');
    const std::string path = space == std::string::npos ? ' ' + command.name : command.name;
    paths += (paths.empty() ? "" : " | ") + in_quotes(path);
    cases += "    " + in_quotes(command.name) + ") words='" + words_of(*command.app) +
             "'; files=" + (takes_file(*command.app) ? "yes" : "no") + " ;;\n";
  }
  return "# bash completion of berth, made by `berth completion bash`\n"
         "_berth() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} verb= words= files=no i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    case \"$verb ${COMP_WORDS[i]}\" in\n"
         "      " +
         paths +
         ") verb=${verb:+$verb }${COMP_WORDS[i]} ;;\n"
         "    esac\n"
         "  done\n"
         "  case $verb in\n"
         "    '') words='" +
         words_of(app) + "' ;;\n" + cases +
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
  return "#compdef berth\n"
         "# zsh completion of berth, made by `berth completion zsh`\n"
         "_berth() {\n" +
         zsh_verbs(app, "  ") +
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
  const FishArguments append_arguments = [&](const CLI::App& of, const std::string& condition) {
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
  append_arguments(app, fish_no_verb);
  append_fish_verbs(script, app, fish_no_verb, append_arguments);
  return script;
}

}  // namespace berth::tools
