// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/fleet.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "cli/failure.hpp"
#include "cli/simulate/alarm.hpp"
#include "cli/simulate/fleet_report.hpp"
#include "cli/simulate/simulated_device.hpp"

namespace xgate::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_interval{50};
constexpr milliseconds stop_limit{5000};  ///< for the connections to end in order

class Fleet {
 public:
  Fleet(const FleetOptions& options, const Environment& env)
      : options_(options),
        env_(env),
        report_(env, options.json, tally_),
        downloads_(io_.get_executor()),
        around_{io_.get_executor(),
                options.scenario,
                options.broker,
                options.answer_timeout,
                options.tries,
                downloads_,
                tally_,
                aes_,
                random_,
                [this](const std::string& device, const Fault& what) { on_fault(device, what); },
                {}},
        ramp_(io_.get_executor()),
        look_(io_.get_executor()) {
    if (options.frames)
      around_.show = [this](const std::string& device, const char* mark, const std::string& topic,
                            const std::string& payload) {
        report_.frame(device, mark, topic, shown(payload));
      };
  }

  int run() {
    tally_.devices = static_cast<std::int64_t>(options_.devices.size());
    began_ = Clock::now();
    start_due();
    look();
    io_.run();
    report_.finish(Clock::now() - began_);
    return tally_.as_the_protocol_wants() ? status_done : status_failed;
  }

 private:
  void on_fault(const std::string& device, const Fault& what) {
    if (!what.requirement.empty()) ++tally_.faults;
    report_.fault(device, what);
  }

  Clock::time_point start_of(std::size_t index) const {
    if (options_.devices.size() < 2) return began_;
    const double part =
        static_cast<double>(index) / static_cast<double>(options_.devices.size() - 1);
    return began_ +
           milliseconds(std::llround(part * static_cast<double>(options_.scenario.ramp.count())));
  }

  void start_due() {
    const Clock::time_point now = Clock::now();
    while (devices_.size() < options_.devices.size() && start_of(devices_.size()) <= now) {
      devices_.push_back(
          std::make_unique<SimulatedDevice>(around_, options_.devices[devices_.size()]));
      devices_.back()->start();
    }
    if (devices_.size() < options_.devices.size())
      return ramp_.set_at(start_of(devices_.size()), [this] { start_due(); });
    all_began_ = now;
  }

  bool is_over() const {
    if (env_.interrupted_within(milliseconds(0))) return true;
    if (devices_.size() < options_.devices.size()) return false;
    if (tally_.given_up == tally_.devices) return true;
    if (options_.scenario.stay) return Clock::now() - all_began_ >= *options_.scenario.stay;
    return options_.scenario.has_an_end() && all(&SimulatedDevice::finished);
  }
  bool all(bool (SimulatedDevice::*what)() const noexcept) const {
    return std::all_of(devices_.begin(), devices_.end(),
                       [what](const auto& device) { return (*device.*what)(); });
  }

  void look() {
    report_.look(Clock::now() - began_);
    if (!resting_ && is_over()) rest();
    if (resting_ && (all(&SimulatedDevice::idle) || Clock::now() >= give_up_)) return stop();
    look_.set(look_interval, [this] { look(); });
  }

  /// What was asked may still be answered, and who was about to come in may still be let in.
  void rest() {
    resting_ = true;
    give_up_ = Clock::now() + options_.answer_timeout;
    ramp_.cancel();
    tally_.not_begun = tally_.devices - static_cast<std::int64_t>(devices_.size());
    for (const auto& device : devices_) device->rest();
  }

  void stop() {
    for (const auto& device : devices_) device->judge_end();
    left_ = devices_.size();
    look_.set(stop_limit, [this] { io_.stop(); });
    for (const auto& device : devices_)
      device->stop([this] {
        if (--left_ == 0) look_.cancel();
        if (left_ == 0) io_.stop();
      });
    if (left_ == 0) io_.stop();
  }

  const FleetOptions& options_;
  const Environment& env_;
  boost::asio::io_context io_{1};
  Tally tally_;
  FleetReport report_;
  protocol::Aes aes_;
  std::minstd_rand random_{std::random_device{}()};
  Downloads downloads_;
  Surroundings around_;
  Alarm ramp_;
  Alarm look_;
  std::vector<std::unique_ptr<SimulatedDevice>> devices_;
  Clock::time_point began_;
  Clock::time_point all_began_;
  bool resting_ = false;
  Clock::time_point give_up_;
  std::size_t left_ = 0;
};

}  // namespace

int run_fleet(const FleetOptions& options, const Environment& env) {
  // Before a thread is made, so that none of them takes Ctrl-C.
  (void)env.interrupted_within(milliseconds(0));
  return Fleet(options, env).run();
}

}  // namespace xgate::cli
