#include "tools/berth/command_line.hpp"

#include <CLI/CLI.hpp>
#include <string>

#include "config/version.hpp"

namespace berth::tools {
namespace {

constexpr const char* footer = R"(`berth VERB --help` has examples.

Environment:
  BERTH_CONFIG  the plan, where no FILE is given
  NO_COLOR      when set, nothing is coloured

Exit codes: 0 ok, 1 condition false or failure, 2 usage, 3 configuration invalid,
4 daemon not reachable)";

// `berth check "$FILE"` with FILE unset names no file; it does not ask for the usual one.
std::string refuse_empty(const std::string& text) {
  return text.empty() ? "the name is empty" : std::string();
}

CLI::App& add_verb(CLI::App& app, Request& request, Verb verb, const std::string& name,
                   const std::string& summary, const std::string& examples) {
  CLI::App& added = *app.add_subcommand(name, summary);
  added.footer("Examples:\n" + examples);
  added.callback([&request, verb] { request.verb = verb; });
  return added;
}

void add_json(CLI::App& verb, Request& request, const std::string& shape) {
  verb.add_flag("--json", request.json, "Print one JSON object: " + shape);
}

void add_plan(CLI::App& verb, Request& request, const std::string& name, const std::string& what) {
  verb.add_option(name, request.file, what)
      ->type_name("FILE")
      ->check(refuse_empty)
      ->envname("BERTH_CONFIG")
      ->each([&request](const std::string&) { request.file_is_given = true; });
}

void define_check(CLI::App& app, Request& request) {
  CLI::App& verb =
      add_verb(app, request, Verb::check, "check", "Say everything that is wrong with a plan",
               "  berth check                      the plan that berthd would serve\n"
               "  berth check lab.yaml             another\n"
               "  berth check --json lab.yaml | jq -r '.mistakes[].message'");
  add_plan(verb, request, "file",
           "The plan; else /etc/berth/berth.yaml, or without that the built-in one");
  add_json(verb, request, "file, ok, mistakes, warnings");
}

void define_schema(CLI::App& app, Request& request) {
  add_verb(app, request, Verb::schema, "schema",
           "Print the JSON Schema of a plan, for editors and validators",
           "  berth schema > berth.schema.json\n"
           "  # and in the plan's first line, for editors that have a YAML language server:\n"
           "  # yaml-language-server: $schema=berth.schema.json");
}

void define_version(CLI::App& app, Request& request) {
  CLI::App& verb = add_verb(app, request, Verb::version, "version", "Print the version",
                            "  berth version\n  berth version --json");
  add_json(verb, request, "version");
}

}  // namespace

std::shared_ptr<CLI::App> define_command_line(Request& request) {
  auto app = std::make_shared<CLI::App>("See and steer berthd, the DHCP and DNS server of a lab.",
                                        "berth");
  app->footer(footer);
  app->get_formatter()->column_width(28);
  app->require_subcommand(1);
  app->set_version_flag("--version", std::string(berth::version), "Print the version and exit");
  define_check(*app, request);
  define_schema(*app, request);
  define_version(*app, request);
  return app;
}

std::variant<Request, int> parse_command_line(int argc, char** argv) {
  Request request;
  const auto app = define_command_line(request);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& outcome) {
    return app->exit(outcome) == 0 ? int{ok} : int{usage};
  }
  return request;
}

}  // namespace berth::tools
