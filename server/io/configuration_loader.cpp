#include "server/io/configuration_loader.hpp"

#include <boost/asio/post.hpp>
#include <cassert>
#include <exception>
#include <system_error>
#include <utility>

#include "server/io/host.hpp"
#include "server/signals.hpp"

namespace berth::io {
namespace {

LoadedConfiguration failed(const std::exception& failure) {
  LoadedConfiguration result;
  result.reading.mistakes.push_back(failure.what());
  result.reading.mistake_count = 1;
  return result;
}

LoadedConfiguration read(const ConfigurationSource& source, const dhcp::Plan* previous) {
  LoadedConfiguration result;
  try {
    result.reading = source.read();
    if (auto& config = result.reading.config) {
      result.snapshot = make_snapshot(*config, previous);
      result.log = config->log;
      result.state_folder = std::move(config->state_dir);
      config.reset();
    }
  } catch (const std::exception& failure) {
    result = failed(failure);
  }
  release_free_memory();
  return result;
}

}  // namespace

ConfigurationLoader::~ConfigurationLoader() {
  if (thread_.joinable()) thread_.join();
}

void ConfigurationLoader::load(ConfigurationSource source,
                               std::shared_ptr<const dhcp::Plan> previous) {
  assert(!is_loading_);
  is_loading_ = true;
  if (thread_.joinable()) thread_.join();  // it has posted its result: this does not wait
  try {
    thread_ = std::thread([this, source = std::move(source), previous = std::move(previous)] {
      block_signals();
      post(read(source, previous.get()));
    });
  } catch (const std::system_error& failure) {
    post(failed(failure));
  }
}

void ConfigurationLoader::post(LoadedConfiguration&& result) {
  boost::asio::post(io_, [this, result = std::move(result)]() mutable {
    is_loading_ = false;
    done_(std::move(result));
  });
}

}  // namespace berth::io
