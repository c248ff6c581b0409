// The model of Linux, fact by fact. binder_model_test_linux.cpp plays the same scripts on the real
// kernel.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/server/binder/model/kernel.hpp"
#include "tests/server/binder/model/script.hpp"

namespace berth::binder::model {
namespace {

class ModelMachine final : public ScriptMachine {
 public:
  void link(const std::string& name, net::Ipv4Prefix address) override {
    kernel_.add_link(name);
    kernel_.add_address(name, address);
  }
  void unlink(const std::string& name) override { kernel_.remove_link(name); }
  expected<std::uint64_t, BindError> bind(const std::string& name, Socket socket,
                                          const std::string& device) override {
    if (!device.empty()) socket.device = kernel_.link(device)->index;
    const auto bound = kernel_.bind(socket);
    if (bound) sockets_[name] = *bound;
    return bound;
  }
  void device(const std::string& name, const std::string& device) override {
    kernel_.set_device(sockets_.at(name), kernel_.link(device)->index);
  }
  void close(const std::string& name) override { kernel_.close(sockets_.at(name)); }
  std::vector<std::string> send(net::Ipv4Address destination, const std::string& link) override {
    const std::uint32_t arrival = kernel_.link(link)->index;
    if (kernel_.is_local(destination))
      return names_of({kernel_.unicast(Protocol::udp, destination, script_port, arrival)});
    return names_of(kernel_.broadcast(destination, script_port, arrival));
  }
  std::vector<std::string> connect(net::Ipv4Address destination) override {
    return names_of({kernel_.unicast(Protocol::tcp, destination, script_port, 1)});
  }

 private:
  std::vector<std::string> names_of(const std::vector<const Socket*>& reached) const {
    std::vector<std::string> names;
    for (const auto& [name, id] : sockets_)
      for (const Socket* socket : reached)
        if (socket && socket->id == id) names.push_back(name);
    return names;
  }

  Kernel kernel_{System::linux_kernel};
  std::map<std::string, std::uint64_t> sockets_;
};

class LinuxModel : public testing::TestWithParam<ScriptCase> {};

TEST_P(LinuxModel, Plays) {
  ModelMachine machine;
  machine.link("br0", *net::Ipv4Prefix::parse("192.168.200.1/24"));
  EXPECT_EQ(play(GetParam().script, machine), GetParam().outcome);
}

INSTANTIATE_TEST_SUITE_P(Facts, LinuxModel, testing::ValuesIn(linux_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace berth::binder::model
