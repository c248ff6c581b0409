// The plan's page, from the table of its keys.
#include "config/default_plan.hpp"
#include "config/keys.hpp"
#include "config/places.hpp"
#include "tools/manual/pages.hpp"
#include "tools/manual/roff.hpp"

namespace berth::tools {
namespace {

using config::Key;

std::string words_between(std::string_view list, const std::string& separator) {
  std::string text;
  config::for_each_word(list, [&](std::string_view word) {
    text.append(text.empty() ? "" : separator).append(word);
  });
  return text;
}

// What may stand behind a key, as a placeholder.
std::string value_of(const Key& key) {
  using K = config::ValueKind;
  switch (key.kind) {
    case K::section: return "section";
    case K::sections: return "map of NAME to section";
    case K::address: return "ADDRESS";
    case K::address_or_auto: return "ADDRESS | auto";
    case K::addresses_or_none: return "ADDRESS... | none";
    case K::prefix: return "ADDRESS/LENGTH";
    case K::relays: return "ADDRESS[/LENGTH]...";
    case K::interface: return "NAME | auto | none";
    case K::domain: return "DOMAIN";
    case K::labels: return "NAME...";
    case K::duration: return "DURATION";
    case K::lease: return "DURATION | infinite";
    case K::boolean: return "on | off";
    case K::choice: return words_between(key.choices, " | ");
    case K::port: return "PORT";
    case K::threads: return "NUMBER";
    case K::count: return "NUMBER | off";
    case K::macs: return "MAC...";
    case K::options: return "map of OPTION to value";
    case K::names: return "map of NAME to ADDRESS...";
    case K::records: return "RECORD...";
    case K::pool: return "none | FIRST-LAST | section";
    case K::range: return "FIRST-LAST";
    case K::servers_or_system: return "ADDRESS[:PORT]... | system | none";
    case K::listeners: return "ADDRESS[:PORT]... | on | off";
    case K::forward: return "map of DOMAIN to ADDRESS[:PORT]... | none";
    case K::rebind: return "on | off | section";
    case K::domains: return "DOMAIN...";
    case K::text: return "TEXT";
    case K::directory: return "FOLDER";
    case K::endpoint_or_off: return "ADDRESS[:PORT] | off";
  }
  return {};
}

std::string describe(const Key& key) {
  std::string text(key.description);
  if (!key.fallback.empty()) text += " Without it: " + std::string(key.fallback) + '.';
  if (!key.acted_on) text += " This version checks it, but does not act on it yet.";
  return text;
}

}  // namespace

std::string plan_page(const std::string& see_also) {
  const std::string usual(config::usual_configuration_file());
  Roff page("berth.yaml", 5, "the plan of a lab: who gets which address and which name");
  page.heading("description")
      .paragraph("The plan is one YAML file, " + usual +
                 " unless berthd is told otherwise. Without it the plan below, under EXAMPLE, is "
                 "served. `berth check` reports every mistake in a plan.")
      .paragraph(
          "An ADDRESS is a dotted quad or the number of a host within the subnet. Dots "
          "behind a value mean one or a list of them. A DURATION is a number with s, m, h or "
          "d behind it.");
  page.heading("keys");
  std::string_view section = "none yet";
  for (const Key& key : config::keys()) {
    if (key.section != section) {
      section = key.section;
      page.subheading(section.empty() ? "at the top" : section);
      if (section.find('*') != section.npos)
        page.paragraph("An asterisk stands for a name of your choice.");
    }
    page.item(std::string(key.name) + ':', value_of(key), describe(key));
  }
  page.heading("example").example(config::default_plan());
  page.heading("see also").paragraph(see_also);
  return page.text();
}

}  // namespace berth::tools
