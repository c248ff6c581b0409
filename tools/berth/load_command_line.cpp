#include "tools/berth/load_command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "tools/berth/load/figures.hpp"
#include "tools/berth/load_values.hpp"

namespace berth::tools {
namespace {

constexpr const char* load_footer = R"(Examples:
  berth load dhcp --help
  berth load dns --help

What --json prints, in microseconds unless a key ends in _s; rates are turns (handshakes, renewals, queries) per second, shares lie between 0 and 1, and what is not known is null:
  protocol, mode, scenario, target, clients, seed, version
  loop            open or closed; with it requested_rate or at_once
  turns, completed, duration_s, achieved_rate, completed_rate
  ended           done, interrupted or link_lost
  ok              something was measured, and the limits that were given hold
  limited_by      tester or server; conclusion says it as a sentence
  exchanges       those that were begun, each with
    sent          how many; each is received, late, never (answered), naks, or wrong
    wrong         address, duplicate_address, options, question, answer
    loss          the share of those sent that was not received
    retransmits, duplicates, foreign (answers of other servers)
    latency       from when it was to be sent until the system had the answer
    response      from when it was sent until the tester had read the answer
                  both: min, mean, p50, p90, p99, p999, max
    histogram     of the latency: [upper end, count] of each bucket
  rcodes          of DNS: how often each
  malformed, unmatched, starved (turns without a free client), unprepared
  intervals       length_s, started, completed, slowest
  tester          busy_share, cpu_s, elapsed_s, lag (as latency), send_errors, receive_errors,
                  socket_drops, broken_connections, ceiling_rate, limits (sentences)
  server          pids, cpu_s, cpu_per_turn: from the first counted turn until the last has
                  ended, without warm-up, preparation and releases; null: not known
  find_max        rate (the median), least, most, found, and trials, each with
                  rate, achieved, loss, p99, passed, tester_limited)";

using load::Options;

// A flag whose value `parse` reads into `target`; `expected` says what it should have been.
template <class Target, class Parse>
CLI::Option* add_parsed(CLI::App& verb, Target& target, const std::string& flag,
                        const std::string& type, const std::string& expected,
                        const std::string& description, Parse parse) {
  return verb
      .add_option_function<std::string>(
          flag,
          [&target, flag, expected, parse](const std::string& text) {
            auto value = parse(text);
            if (!value) throw CLI::ValidationError(flag, '"' + text + "\" is not " + expected);
            target = std::move(*value);
          },
          description)
      ->type_name(type);
}

template <class Target>
void add_time(CLI::App& verb, Target& target, const std::string& flag,
              const std::string& description) {
  add_parsed(verb, target, flag, "TIME", "a time, such as 10s or 500us", description,
             [](const std::string& text) { return load::parse_time(text); });
}

template <class Target>
CLI::Option* add_number(CLI::App& verb, Target& target, const std::string& flag,
                        const std::string& description) {
  return verb.add_option(flag, target, description)->type_name("N");
}

// A number, limits included.
CLI::Validator between(const std::string& least, const std::string& most) {
  CLI::Validator validator("");
  validator.operation([least, most](std::string& text) {
    double value = 0;
    const bool is_number = CLI::detail::lexical_cast(text, value);
    return is_number && value >= std::stod(least) && value <= std::stod(most)
               ? std::string()
               : '"' + text + "\" is not a number from " + least + " to " + most;
  });
  return validator;
}

// An enumeration, by its words.
template <class Word>
void add_choice(CLI::App& verb, Word& target, const std::string& flag,
                const std::vector<std::pair<std::string, Word>>& words,
                const std::string& description) {
  std::string all;
  for (const auto& [word, value] : words) all += (all.empty() ? "" : "|") + word;
  add_parsed(verb, target, flag, all, "one of " + all, description,
             [words](const std::string& text) -> std::optional<Word> {
               for (const auto& [word, value] : words)
                 if (word == text) return value;
               return std::nullopt;
             });
}

CLI::App& add_protocol(CLI::App& verb, Request& request, load::Protocol protocol,
                       const std::string& name, const std::string& description,
                       const std::string& footer) {
  CLI::App& added = *verb.add_subcommand(name, description);
  added.footer(footer);
  added.callback([&request, protocol] {
    request.verb = Verb::load;
    request.load.protocol = protocol;
  });
  return added;
}

CLI::Option* add_server(CLI::App& verb, Options& options, const std::string& description) {
  return add_parsed(verb, options.server, "--server", "ADDRESS[:PORT]", "an address", description,
                    parse_endpoint);
}

void add_amount(CLI::App& verb, Options& options) {
  CLI::Option* const rate =
      verb.add_option(
              "--rate", options.rate,
              "An open loop: so many are begun each second, whatever the server does; delays "
              "count from when each was to begin")
          ->type_name("N")
          ->check(between("0.001", "10000000"));
  add_number(verb, options.at_once, "--at-once",
             "A closed loop: so many are under way at any time, each begun as another ends")
      ->check(between("1", "1048576"))
      ->excludes(rate);
  add_time(verb, options.extent.duration, "--duration",
           "How long, as 10s or 5m; without it, and without --count, until it is interrupted");
  add_number(verb, options.extent.count, "--count", "How many, in all")
      ->check(CLI::PositiveNumber.description(""));
  add_time(verb, options.extent.warm_up, "--warm-up", "So long it runs before anything is counted");
  add_time(verb, options.timeout, "--timeout",
           "How long an answer may take before it is given up (1s)");
  add_number(verb, options.seed, "--seed", "For what is random: the same again (1)");
}

void add_result(CLI::App& verb, Request& request) {
  Options& options = request.load;
  add_parsed(verb, options.max_loss, "--max-loss", "PERCENT", "a percentage",
             "Exit 1 when more than this share of any exchange failed", parse_percent);
  add_time(verb, options.max_p99, "--max-p99",
           "Exit 1 when the 99th percentile of any exchange's delay is longer");
  CLI::Option* const find = verb.add_flag("--find-max", options.find_max,
                                          "Search for the highest rate with a loss below "
                                          "--max-loss (0.1 %) and a 99th percentile below "
                                          "--max-p99 (50ms); begins at --rate (1000)");
  add_number(verb, options.repeats, "--repeats", "Searches, of which the median counts (3)")
      ->check(CLI::Range(1, 100).description(""))
      ->needs(find);
  add_time(verb, options.trial, "--trial", "How long each trial of a search lasts (3s)");
  verb.add_flag("--self-check", options.self_check,
                "First measure the tester by itself, against a server that does nothing; without a "
                "server to test, only that");
  verb.add_option("--server-pid", options.server_pids,
                  "The server's process on this machine, whose processor time is part of the "
                  "result; on Linux it is found by the address of --server. May be given again")
      ->type_name("N")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::PositiveNumber.description(""));
  verb.add_flag("--stay-awake", options.stays_awake,
                "Never sleep: takes a processor of its own, and leaves out what waking up costs");
  verb.add_flag("--even-default-route", options.even_default_route,
                "Send even where the machine's default route goes");
  verb.add_option("--html", options.html, "Write a report with plots to this file")
      ->type_name("FILE");
  verb.add_flag(
      "--json", request.json,
      "Print one JSON object: ok, achieved_rate, exchanges, tester, server, find_max and more");
}

void add_plan(CLI::App& verb, Request& request, const std::string& description) {
  verb.add_option("--config", request.file, description)
      ->type_name("FILE")
      ->each([&request](const std::string&) { request.file_is_given = true; });
}

void add_clients(CLI::App& verb, Request& request) {
  Options& options = request.load;
  add_plan(verb, request,
           "A plan: its hosts take part, and must get the addresses and options that it says");
  verb.add_option("--network", options.network, "Only this network of the plan")->type_name("NAME");
  verb.add_option("--macs", options.macs,
                  "The clients: 52:54:00:00:00:00+1000, or a file with a MAC a line")
      ->type_name("MACS");
  add_number(verb, options.clients, "--clients",
             "How many clients at most (1000 where none are listed)")
      ->check(CLI::Range(1, 1 << 20).description(""));
  add_choice<load::ClientId>(
      verb, options.client_id, "--client-id",
      {{"none", load::ClientId::none},
       {"mac", load::ClientId::mac},
       {"duid", load::ClientId::duid},
       {"shared-duid", load::ClientId::shared_duid}},
      "Option 61; shared-duid: the same for all, as clones of a machine have");
  add_parsed(verb, options.asked, "--ask", "CODES", "codes or names of options",
             "Option 55, by number or name with commas between (1,3,6,15,119); or none",
             parse_codes);
  verb.add_option_function<std::vector<std::string>>(
          "--option",
          [&options](const std::vector<std::string>& all) {
            for (const std::string& text : all)
              if (const auto wrong = add_option(text, options))
                throw CLI::ValidationError("--option", '"' + text + "\" " + *wrong);
          },
          "Another option of each message, NAME=VALUE or CODE=VALUE; "
          "dhcp-agent-options=circuit-id=p1 is a relay's")
      ->type_name("OPTION")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb.add_flag("--broadcast", options.wants_broadcast, "Clients ask for replies by broadcast");
}

void define_dhcp(CLI::App& load, Request& request) {
  Options& options = request.load;
  CLI::App& verb = add_protocol(
      load, request, load::Protocol::dhcp, "dhcp", "Load a DHCP server with clients",
      "Examples:\n"
      "  berth load dhcp --interface eth0 --config lab.yaml --rate 100 --duration 10s\n"
      "  berth load dhcp --relay 172.30.0.2 --server 172.30.0.1 --rate 4000 --duration 30s --json\n"
      "  berth load dhcp --relay 172.30.0.2 --server 172.30.0.1 --find-max --html report.html\n"
      "  berth load dhcp --interface eth0 --clients 500 --scenario reboot     after a power cut\n"
      "  berth load dhcp --self-check                                         the tester alone");
  verb.add_option("--interface", options.interface,
                  "Clients on this link, each with a hardware address of its own")
      ->type_name("NAME");
  verb.add_option_function<std::vector<std::string>>(
          "--relay",
          [&options](const std::vector<std::string>& all) {
            for (const std::string& text : all) {
              const auto address = net::Ipv4Address::parse(text);
              if (!address)
                throw CLI::ValidationError("--relay", '"' + text + "\" is not an address");
              options.relays.push_back(*address);
            }
          },
          "Clients behind a relay at this address of ours; may be given again")
      ->type_name("ADDRESS")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_server(verb, options,
             "Where the relays send to; on a link, whose offers count: by default the first one's");
  add_choice<load::Scenario>(verb, options.scenario, "--scenario",
                             {{"dora", load::Scenario::dora},
                              {"renew", load::Scenario::renew},
                              {"rebind", load::Scenario::rebind},
                              {"reboot", load::Scenario::reboot},
                              {"churn", load::Scenario::churn},
                              {"decline", load::Scenario::decline},
                              {"inform", load::Scenario::inform}},
                             "What clients do; dora: DISCOVER and REQUEST; reboot: INIT-REBOOT, by "
                             "default once by all, asking again with RFC 2131's delays");
  add_amount(verb, options);
  add_number(verb, options.tries, "--tries",
             "How often a client asks before it gives up (1; 5 of reboot)")
      ->check(CLI::Range(1, 20).description(""));
  add_time(verb, options.backoff, "--backoff",
           "How long it waits before it asks again, doubling and varied (4s)");
  add_parsed(verb, options.server_id, "--server-id", "ADDRESS", "an address",
             "Only a server that calls itself so counts; others are foreign",
             [](const std::string& text) { return net::Ipv4Address::parse(text); });
  add_clients(verb, request);
  verb.add_flag("--keep-leases", options.keeps_leases, "Give nothing back in the end");
  add_parsed(
      verb, options.dns_server, "--dns", "ADDRESS[:PORT]", "an address",
      "Ask this DNS server for the names of the plan, or those of --queries, at the same time",
      parse_endpoint);
  verb.add_option("--queries", options.queries, "What it is asked, a name and a type a line")
      ->type_name("FILE");
  verb.add_option("--dns-rate", options.dns_rate, "So many of these a second (100)")
      ->type_name("N")
      ->check(CLI::Range(0.001, 1e7).description(""));
  add_result(verb, request);
}

void define_dns(CLI::App& load, Request& request) {
  Options& options = request.load;
  CLI::App& verb = add_protocol(
      load, request, load::Protocol::dns, "dns", "Load a DNS server with queries",
      "Examples:\n"
      "  berth load dns --server 192.168.200.1 --config lab.yaml --rate 1000 --duration 10s\n"
      "  berth load dns --server 192.168.200.1 --queries names.txt --at-once 50 --count 100000\n"
      "  berth load dns --server 192.168.200.1 --queries names.txt --tcp --find-max\n\n"
      "A file of queries has a name and a type a line:\n"
      "  worker0.kubenet A\n"
      "  7.200.168.192.in-addr.arpa PTR");
  add_server(verb, options, "Who is asked");
  verb.add_option("--queries", options.queries, "What is asked, a name and a type a line, in turn")
      ->type_name("FILE");
  add_plan(verb, request, "A plan: its names are asked for, and must be answered as it says");
  verb.add_option("--network", options.network, "Only this network of the plan")->type_name("NAME");
  verb.add_flag("--tcp", options.over_tcp, "Over TCP, on connections that stay open");
  add_number(verb, options.clients, "--clients",
             "From so many ports, or over so many connections (16)")
      ->check(CLI::Range(1, 512).description(""));
  add_amount(verb, options);
  add_result(verb, request);
}

}  // namespace

void define_load(CLI::App& app, Request& request) {
  CLI::App& verb = *app.add_subcommand("load", "Load a server and measure how it bears it");
  verb.footer(load_footer);
  verb.require_subcommand(1);
  define_dhcp(verb, request);
  define_dns(verb, request);
}

}  // namespace berth::tools
