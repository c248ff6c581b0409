// Reads the configuration once more in a thread of its own: neither a slow disk nor 65,000 hosts
// keep a query, a signal or the log waiting. Belongs to the thread of its io_context, which
// outlives it; the result is handed over there, always after load() has returned. Destruction waits
// for a reading that has begun.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "config/config.hpp"
#include "server/io/configuration_source.hpp"
#include "server/io/snapshot.hpp"

namespace berth::io {

// What is to be put in force, or else the mistakes.
struct LoadedConfiguration {
  std::optional<Snapshot> snapshot;
  std::optional<config::Log> log;  // with the snapshot
  std::string state_folder;
  ConfigurationSource::Reading reading;  // its config has been used up
};

class ConfigurationLoader {
 public:
  using Done = std::function<void(LoadedConfiguration&&)>;

  ConfigurationLoader(boost::asio::io_context& io, Done done) : io_(io), done_(std::move(done)) {}
  ~ConfigurationLoader();
  ConfigurationLoader(const ConfigurationLoader&) = delete;
  ConfigurationLoader& operator=(const ConfigurationLoader&) = delete;

  bool is_loading() const noexcept { return is_loading_; }
  // `previous`: whose leases the new plan takes over. Whatever goes wrong is a mistake of the
  // result. REQUIRES: !is_loading()
  void load(ConfigurationSource source, std::shared_ptr<const dhcp::Plan> previous);

 private:
  void post(LoadedConfiguration&& result);

  boost::asio::io_context& io_;
  Done done_;
  std::thread thread_;
  bool is_loading_ = false;
};

}  // namespace berth::io
