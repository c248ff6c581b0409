#include "tools/berth/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "config/suggest.hpp"
#include "config/version.hpp"
#include "tools/berth/load_command_line.hpp"

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

// FILE, told by its place or, with dashes, by a flag.
template <class Target>
CLI::Option* add_file(CLI::App& verb, Target& target, const std::string& name,
                      const std::string& what) {
  return verb.add_option(name, target, what)->type_name("FILE")->check(refuse_empty);
}

CLI::Option* add_plan(CLI::App& verb, Request& request, const std::string& name,
                      const std::string& what) {
  return add_file(verb, request.file, name, what)->each([&request](const std::string&) {
    request.file_is_given = true;
  });
}

void define_check(CLI::App& app, Request& request) {
  CLI::App& verb =
      add_verb(app, request, Verb::check, "check", "Say everything that is wrong with a plan",
               "  berth check                      the plan that berthd would serve\n"
               "  berth check lab.yaml             another\n"
               "  berth check --json lab.yaml | jq -r '.mistakes[].message'");
  add_plan(verb, request, "file",
           "The plan; else /etc/berth/berth.yaml, or without that the built-in one")
      ->envname("BERTH_CONFIG");
  add_json(verb, request, "file, ok, mistakes, warnings");
}

void define_schema(CLI::App& app, Request& request) {
  add_verb(app, request, Verb::schema, "schema",
           "Print the JSON Schema of a plan, for editors and validators",
           "  berth schema > berth.schema.json\n"
           "  # and in the plan's first line, for editors that have a YAML language server:\n"
           "  # yaml-language-server: $schema=berth.schema.json");
}

void define_test(CLI::App& app, Request& request) {
  CLI::App& verb = add_verb(
      app, request, Verb::test, "test", "Check what is expected of a plan, without a server",
      "  berth test lab.test.yaml         one line for each expectation; exit 1 if any fails\n"
      "  berth test --plan new.yaml lab.test.yaml\n\n"
      "A file of expectations:\n"
      "  plan: berth.yaml                 relative to this file\n"
      "  expect:\n"
      "    - {mac: 52:52:52:00:00:04, address: 7, lease: 12h, options: {routers: 1}}\n"
      "    - {mac: 52:52:52:00:00:99, address: none}\n"
      "    - {name: kubernetes.kubenet, A: 11}\n"
      "    - {ptr: 7, name: worker0.kubenet}\n"
      "    - {name: nobody.kubenet, NXDOMAIN}\n"
      "    - {name: worker0.kubenet, NODATA, type: AAAA}\n"
      "    - {name: worker0.kubenet, REFUSED, from: 10.9.9.9}");
  add_file(verb, request.expectations, "file", "The file of expectations")->required();
  add_plan(verb, request, "--plan", "The plan, instead of the one that the file names");
  add_json(verb, request, "ok, passed, failed, expectations");
}

void define_completion(CLI::App& app, Request& request) {
  CLI::App& verb = add_verb(app, request, Verb::completion, "completion",
                            "Print a shell's completion of this command",
                            "  berth completion bash > /etc/bash_completion.d/berth\n"
                            "  source <(berth completion bash)  in this shell only");
  verb.add_option("shell", request.shell, "The shell")
      ->type_name("bash|zsh|fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
      ->required();
}

void define_decode(CLI::App& app, Request& request) {
  CLI::App& verb =
      add_verb(app, request, Verb::decode, "decode", "Show DHCP and DNS packets as text or JSON",
               "  berth decode 000201000001000000000000076b7562656e65740000060001\n"
               "  berth decode lab.pcap            DHCP, DNS, ARP and ICMP of a capture\n"
               "  berth decode --json lab.pcap | jq -r '.packets[].message.chaddr // empty'\n"
               "  xxd -p query.bin | berth decode -");
  add_file(verb, request.packets, "packets",
           "A capture (pcap, pcapng) or hexadecimal: a message or an Ethernet frame; `-` reads "
           "standard input; or the hexadecimal itself")
      ->required();
  add_json(verb, request,
           "packets, each with number, time, vlans, transport, path, protocol, text, note, fault, "
           "message");
}

void define_fmt(CLI::App& app, Request& request) {
  CLI::App& verb =
      add_verb(app, request, Verb::fmt, "fmt", "Format a plan, with its comments",
               "  berth fmt lab.yaml               print it formatted\n"
               "  berth fmt --write *.yaml         change the files, and name those changed\n"
               "  berth fmt --check lab.yaml       name it and exit 1 if it is not formatted\n"
               "  berth fmt - < lab.yaml           as editors do");
  add_file(verb, request.files, "files",
           "The plans; `-` reads standard input; none: /etc/berth/berth.yaml, or without that "
           "the built-in one")
      ->envname("BERTH_CONFIG");
  CLI::Option* const check =
      verb.add_flag("--check", request.check_only, "Change and print nothing but names");
  verb.add_flag("--write", request.write, "Write what was formatted to its file")->excludes(check);
  add_json(verb, request, "files, each with file, formatted, written, text, mistake");
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
  define_test(*app, request);
  define_completion(*app, request);
  define_decode(*app, request);
  define_fmt(*app, request);
  define_load(*app, request);
  define_version(*app, request);
  return app;
}

namespace {

struct Place {
  const CLI::App* app;
  std::string name;  // "berth load dhcp"
};

// How far the words of a command line led.
Place last_verb(const CLI::App& app) {
  Place place{&app, app.get_name()};
  while (!place.app->get_subcommands().empty()) {
    place.app = place.app->get_subcommands().front();
    place.name += ' ' + place.app->get_name();
  }
  return place;
}

// CLI11 says of a verb that does not exist that one is required, and of an option that it was not
// expected. Empty where neither is the mistake.
std::string unknown_text(const Place& place) {
  const CLI::App& last = *place.app;
  const bool takes_verb = last.get_require_subcommand_min() != 0;
  const auto words = last.remaining();
  const auto word = std::ranges::find_if(
      words, [&](const std::string& left) { return left.starts_with('-') || takes_verb; });
  if (word == words.end()) {
    if (!takes_verb) return {};
    std::string verbs;
    for (const CLI::App* const verb : last.get_subcommands({}))
      verbs += (verbs.empty() ? "" : ", ") + verb->get_name();
    return place.name + ": a verb is missing: " + verbs + '\n';
  }
  const bool is_option = word->starts_with('-');
  const std::string given = word->substr(0, word->find('='));
  config::Nearest nearest(given);
  std::vector<std::string> known;
  if (is_option) {
    for (const CLI::Option* const option : last.get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  } else {
    for (const CLI::App* const verb : last.get_subcommands({})) known.push_back(verb->get_name());
  }
  for (const std::string& name : known) nearest.consider(name);
  std::string text =
      place.name + ": there is no " + (is_option ? "option" : "verb") + " `" + given + "`\n";
  if (!nearest.best().empty()) text += "    did you mean `" + std::string(nearest.best()) + "`?\n";
  return text;
}

std::string mistake_text(const CLI::App& app, const CLI::ParseError& mistake) {
  const Place place = last_verb(app);
  std::string text = unknown_text(place);
  if (text.empty()) text = place.name + ": " + mistake.what() + '\n';
  return text + '`' + place.name + " --help` has examples.\n";
}

}  // namespace

std::variant<Request, int> parse_command_line(int argc, char** argv) {
  Request request;
  const auto app = define_command_line(request);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& outcome) {
    if (outcome.get_exit_code() == 0) return app->exit(outcome);  // help or version
    std::cerr << mistake_text(*app, outcome);
    return int{usage};
  }
  return request;
}

}  // namespace berth::tools
