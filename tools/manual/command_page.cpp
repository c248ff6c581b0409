// A program's page, from the definitions of its command line.
#include <CLI/CLI.hpp>
#include <sstream>

#include "tools/berth/definitions.hpp"
#include "tools/manual/pages.hpp"
#include "tools/manual/roff.hpp"

namespace berth::tools {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// "[--json] [FILE]"
std::string synopsis(const CLI::App& app) {
  std::string flags;
  std::string places;
  for (const Argument& argument : arguments_of(app)) {
    std::string& all = argument.flags.empty() ? places : flags;
    all.append(argument.required ? " " : " [");
    if (!argument.flags.empty()) all.append(argument.flags.back());
    if (!argument.flags.empty() && !argument.value.empty()) all.append(" ");
    all.append(argument.value).append(argument.required ? "" : "]");
  }
  const std::string all = flags + places;
  return all.empty() ? all : all.substr(1);
}

void append_arguments(Roff& page, const CLI::App& app) {
  for (const Argument& argument : arguments_of(app)) {
    std::string text = argument.description + '.';
    if (!argument.environment.empty()) text += " Environment: " + argument.environment + '.';
    if (argument.flags.empty())
      page.item(argument.value, "", text);
    else
      page.item(joined(argument.flags), argument.value, text);
  }
}

constexpr std::string_view exit_codes = "Exit codes: ";

// Paragraphs; one whose first line ends in a colon has that as its title and stands as it is.
void append_footer(Roff& page, const std::string& footer, bool is_verb) {
  std::istringstream lines(footer);
  std::string title;
  std::string block;
  const auto end_block = [&] {
    const bool is_status = block.starts_with(exit_codes);
    if (is_status) page.heading("exit status");
    if (!title.empty() && !is_verb) page.heading(title);
    if (!title.empty() && is_verb && title != "Examples") page.paragraph(title + ':');
    if (!block.empty() && title.empty())
      page.paragraph(block.substr(is_status ? exit_codes.size() : 0));
    if (!block.empty() && !title.empty()) page.example(block);
    block.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      end_block();
      title.clear();
    } else if (block.empty() && line.ends_with(':') && !line.starts_with(' ')) {
      title = line.substr(0, line.size() - 1);
    } else {
      block += line + '\n';
    }
  }
  end_block();
}

}  // namespace

std::string command_page(const CLI::App& app, int section, const std::string& see_also) {
  const std::string& name = app.get_name();
  const auto commands = commands_of(app);
  Roff page(name, section, app.get_description());
  page.heading("synopsis").usage(name, synopsis(app));
  for (const Command& command : commands)
    if (verbs_of(*command.app).empty())
      page.usage(name + ' ' + command.name, synopsis(*command.app));
  page.heading("options");
  append_arguments(page, app);
  if (!commands.empty()) page.heading("verbs");
  for (const Command& command : commands) {
    page.subheading(name + ' ' + command.name);
    page.paragraph(command.app->get_description() + '.');
    append_arguments(page, *command.app);
    append_footer(page, command.app->get_footer(), true);
  }
  append_footer(page, app.get_footer(), false);
  page.heading("see also").paragraph(see_also);
  return page.text();
}

}  // namespace berth::tools
