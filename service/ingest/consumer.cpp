// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/consumer.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/post.hpp>

#include "clock/unix_ms.hpp"
#include "link/topics.hpp"
#include "protocol/topic.hpp"
#include "service/ingest/auth_requests.hpp"
#include "service/ingest/broker_events.hpp"
#include "service/ingest/device_messages.hpp"
#include "service/ingest/hex_messages.hpp"
#include "service/observe/log.hpp"

namespace xgate::ingest {
namespace {

constexpr std::size_t events_bound = 10'000;
constexpr std::size_t auth_bound = 10'000;
// Enough to fill the batches of every worker many times over. All of it comes a second time after
// a lost connection, so no more than that.
constexpr std::size_t receive_maximum_most = 5'000;
/// The stage of HEX messages asks the database one short thing a batch, and took a batch for nearly
/// every message: so did all that it wakes. Under load this gathers some; little traffic never
/// waits.
constexpr std::chrono::milliseconds hex_pace{3};
constexpr std::uint32_t session_expiry_s = 7 * 24 * 60 * 60;  // longer than any outage should be

mqtt::ClientOptions client_options(const config::Settings& settings, std::string_view role,
                                   std::size_t in_flight) {
  mqtt::ClientOptions options;
  options.host = settings.broker.host;
  options.port = static_cast<std::uint16_t>(settings.broker.port);
  options.tls = settings.broker.tls;
  options.ca_file = settings.broker.ca_file;
  options.client_id = "xgate-" + settings.broker.id + "-" + std::string(role);
  options.username = settings.broker.username;
  options.password = settings.broker.password;
  options.authentication_method = link::login_method;
  options.authentication_data = options.password;
  options.clean_start = false;
  options.session_expiry_s = session_expiry_s;
  options.receive_maximum =
      static_cast<std::uint16_t>(std::min<std::size_t>(in_flight, receive_maximum_most));
  // A broker that has much to read answers a ping late; to leave it then would only make it send
  // everything again.
  options.keepalive = std::chrono::seconds(60);
  // Time to see whether the broker is still ours: two would throw each other out.
  options.backoff_min = std::chrono::seconds(1);
  options.ping_timeout = options.keepalive;
  return options;
}

/// "/sys/O/P/N" of a topic below it: what a device's messages have in common.
std::string_view device_part(std::string_view topic) {
  std::size_t at = 0;
  for (int slashes = 0; at < topic.size(); ++at) {
    if (topic[at] == '/' && ++slashes == 5) {
      break;
    }
  }
  return topic.substr(0, at);
}

std::string_view stamp_of(const mqtt::Publish& message, std::string_view property) {
  for (const auto& [name, value] : message.user_properties) {
    if (name == property) return value;
  }
  return {};
}

std::optional<link::Exceeded> stamped_limit(const mqtt::Publish& message, std::string_view life) {
  return link::parse_stamp(stamp_of(message, link::property_limit), life);
}

std::optional<link::QueueSums> stamped_sums(const mqtt::Publish& message, std::string_view life) {
  return link::parse_sums(stamp_of(message, link::property_queued), life);
}

}  // namespace

Consumer::Consumer(boost::asio::io_context& io, const config::Settings& settings,
                   store::DatabaseState& database, script::Engine& scripts,
                   observe::Metrics& metrics,
                   std::function<void(const std::vector<std::int64_t>&)> settled,
                   std::function<void(bool taken_over)> lost)
    : io_(io),
      settings_(settings),
      database_(database),
      metrics_(metrics),
      settled_(std::move(settled)),
      uplinks_(io,
               {.name = "uplinks",
                .client = client_options(settings, "uplinks",
                                         static_cast<std::size_t>(settings.ingest.workers) *
                                                 static_cast<std::size_t>(settings.ingest.queue) +
                                             events_bound),
                .subscriptions = {{"/sys/+/+/+/#", 1, true},
                                  {std::string(link::events_topic), 1, false},
                                  {std::string(link::broker_notices), 0, false}},
                .on_connected =
                    [this](bool session_present, const std::string& life) {
                      restored_uplinks_.connected(session_present, life);
                      from_uplinks_.connected(life);
                    },
                .on_state =
                    [this](bool up) {
                      uplinks_up_ = up;
                      metrics_.broker_uplinks_connected.Set(up ? 1 : 0);
                      if (up) {
                        ask_for_sessions();  // whatever was missed meanwhile
                        commands_due();
                      } else {
                        command_topics_ = CommandTopics::unknown;  // it may come back another
                      }
                    },
                .on_lost = lost,
                .on_message = [this](Received received) { return on_uplink(std::move(received)); },
                .room = [this] { return uplinks_have_room(); },
                .clock = clock::unix_ms}),
      auth_(io, {.name = "auth",
                 .client = client_options(settings, "auth", auth_bound),
                 .subscriptions = {{std::string(protocol::auth_topic), 1, false}},
                 .on_connected =
                     [this](bool session_present, const std::string& life) {
                       restored_auth_.connected(session_present, life);
                       from_auth_.connected(life);
                     },
                 .on_state =
                     [this](bool up) {
                       // SUBACK comes behind all that fits in flight, which is all there can be.
                       if (up) restored_auth_.over();
                       auth_up_ = up;
                       metrics_.broker_auth_connected.Set(up ? 1 : 0);
                     },
                 .on_lost = lost,
                 .on_message = [this](Received received) { return on_auth(std::move(received)); },
                 .room = [this] { return !auth_worker_->queue().full(); },
                 .clock = clock::unix_ms}),
      kept_sessions_(io, client_options(settings, "kept", 1)),
      dispatcher_(
          {.broker = settings.broker.id,
           .conninfo = settings.database.url,
           .keys = {settings.keys.tries, settings.keys.retry_s},
           .fence = [this] { return fence_.load(); },
           .ready = [this] { return uplinks_up_ && command_topics_ != CommandTopics::unknown; },
           .reads_addresses = [this] { return command_topics_ == CommandTopics::addressed; },
           .send =
               [this](std::vector<Delivery> deliveries) { uplinks_.post(std::move(deliveries)); },
           .settled = settled_,
           .finished = [this] { boost::asio::post(io_, [this] { worker_finished(); }); }},
          database, metrics, clock::unix_ms) {
  for (int i = 0; i < settings.ingest.workers; ++i) {
    device_workers_.push_back(make_worker(
        "messages-" + std::to_string(i), static_cast<std::size_t>(settings.ingest.queue),
        std::make_unique<DeviceMessages>(
            DeviceMessages::Options{
                .zone = settings.time.zone,
                .download_base = settings.download.base_url(),
                .identifiers = settings.properties.per_device,
                .listeners = {.due = [this] { commands_due(); }, .answered = settled_}},
            metrics, clock::unix_ms),
        false));
  }
  hex_worker_ = make_hex_worker(scripts);
  event_worker_ = make_worker(
      "events", events_bound,
      std::make_unique<BrokerEvents>(
          BrokerEvents::Options{
              .broker = settings.broker.id,
              .keys = {settings.keys.tries, settings.keys.retry_s},
              .ask_for_sessions = [this] { ask_for_sessions(); },
              .commands_due = [this] { commands_due(); },
              .reads_addresses =
                  [this](bool reads) {
                    const auto topics = reads ? CommandTopics::addressed : CommandTopics::plain;
                    if (command_topics_.exchange(topics) != topics) commands_due();
                  },
              .queue_news = [this](const QueueWatch::News& news) { hear_of_queue(news); },
              .end_kept =
                  [this](std::string client_id) {
                    boost::asio::post(
                        io_, [this, id = std::move(client_id)] { kept_sessions_.end(id); });
                  },
              .taken = [this](const link::Taken& taken) { command(taken); }},
          metrics, clock::unix_ms),
      false);
  auth_worker_ = make_worker("auth", auth_bound,
                             std::make_unique<AuthRequests>(metrics, clock::unix_ms), true);
}

Consumer::~Consumer() = default;

std::unique_ptr<Worker> Consumer::make_worker(std::string name, std::size_t bound,
                                              std::unique_ptr<Processor> processor, bool auth) {
  Link& link = auth ? auth_ : uplinks_;
  return std::make_unique<Worker>(
      Worker::Options{
          .name = std::move(name),
          .conninfo = settings_.database.url,
          .broker = settings_.broker.id,
          .queue_bound = bound,
          .batch_most = static_cast<std::size_t>(settings_.ingest.batch),
          // Who asks for auth is told to try again rather than kept waiting.
          .patience_ms = auth ? 2'000 : 30'000,
          .finished = [this] { boost::asio::post(io_, [this] { worker_finished(); }); }},
      database_, std::move(processor), [&link](Outbound out) { link.post(std::move(out)); },
      [this, &link] { boost::asio::post(io_, [&link] { link.look_for_room(); }); }, metrics_);
}

std::unique_ptr<Worker> Consumer::make_hex_worker(script::Engine& scripts) {
  auto processor = std::make_unique<HexMessages>(scripts, [this](Received received) {
    // Beyond the bounds of the queue by what this stage has underway, at most.
    Worker& worker = worker_of(received.message.topic);
    hand_over(std::move(received), worker);
  });
  HexMessages& hex = *processor;
  return std::make_unique<Worker>(
      Worker::Options{.name = "hex",
                      .conninfo = settings_.database.url,
                      .broker = settings_.broker.id,
                      .queue_bound = static_cast<std::size_t>(settings_.ingest.queue),
                      .pace = hex_pace,
                      .finished =
                          [this, &hex] {
                            hex.wait_until_idle();
                            boost::asio::post(io_, [this] {
                              for (const auto& worker : device_workers_) {
                                worker->close();
                              }
                              worker_finished();
                            });
                          }},
      database_, std::move(processor), [this](Outbound out) { uplinks_.post(std::move(out)); },
      [this] { boost::asio::post(io_, [this] { uplinks_.look_for_room(); }); }, metrics_);
}

void Consumer::start() {
  for (const auto& worker : device_workers_) {
    worker->start();
  }
  hex_worker_->start();
  event_worker_->start();
  auth_worker_->start();
  dispatcher_.start();
  working_ = device_workers_.size() + 4;
}

void Consumer::measure() {
  for (const auto& worker : device_workers_) {
    worker->measure();
  }
  hex_worker_->measure();
  event_worker_->measure();
  auth_worker_->measure();
}

void Consumer::connect(std::int64_t fence) {
  fence_ = fence;
  uplinks_.connect();
  auth_.connect();
}

void Consumer::disconnect() {
  fence_ = 0;
  uplinks_.disconnect([] {});
  auth_.disconnect([] {});
}

Worker& Consumer::worker_of(std::string_view topic) {
  const std::size_t hash = std::hash<std::string_view>{}(device_part(topic));
  return *device_workers_[hash % device_workers_.size()];
}

bool Consumer::hand_over(Received received, Worker& worker) {
  const std::size_t bytes = received.message.topic.size() + received.message.payload.size();
  return worker.queue().push(std::move(received), bytes) == Queue<Received>::Level::full;
}

bool Consumer::on_uplink(Received received) {
  received.fence = fence_;
  received.connection = from_uplinks_.place.connection;
  received.before = from_uplinks_.place.before++;
  received.exceeded = stamped_limit(received.message, from_uplinks_.life);
  if (restored_uplinks_.holds(received.message)) {
    received.message.dup = true;
  }
  if (is_hex_topic(received.message.topic) && !received.exceeded) {
    return hand_over(std::move(received), *hex_worker_);
  }
  Worker& worker = received.message.topic == link::events_topic ? *event_worker_
                                                                : worker_of(received.message.topic);
  return hand_over(std::move(received), worker);
}

bool Consumer::on_auth(Received received) {
  received.fence = fence_;
  received.exceeded = stamped_limit(received.message, from_auth_.life);
  watch_auth_queue(received.message);
  if (restored_auth_.holds(received.message)) {
    received.message.dup = true;
  }
  return hand_over(std::move(received), *auth_worker_);
}

/// LIMIT-7, as the batches of events tell of the other queue (BrokerEvents).
void Consumer::watch_auth_queue(const mqtt::Publish& message) {
  constexpr std::uint64_t untold_most = 50;
  constexpr std::int64_t untold_ms = 1000;
  const auto place = from_auth_.place;
  ++from_auth_.place.before;
  const auto sums = stamped_sums(message, from_auth_.life);
  if (!sums) return;
  QueueWatch::News news;
  news.dropped = auth_drops_.hear(from_auth_.life, sums->messages, place);
  hear_of_queue(news);
  const auto now_ms = clock::unix_ms();
  if (sums->messages - auth_told_.messages < untold_most &&
      std::abs(now_ms - auth_told_at_ms_) < untold_ms) {
    return;
  }
  auth_told_ = *sums;
  auth_told_at_ms_ = now_ms;
  command(link::Taken{from_auth_.life, sums->messages, sums->bytes, true});
}

void Consumer::hear_of_queue(const QueueWatch::News& news) {
  if (news.dropped > 0) {
    metrics_.broker_dropped.Increment(static_cast<double>(news.dropped));
    observe::error(
        "broker {} dropped {} messages for the service, for its queue was full (LIMIT-7): their "
        "devices got no answer and send them again",
        observe::Quoted(settings_.broker.id), news.dropped);
  }
  queue_state_.add(news, clock::unix_ms());
}

bool Consumer::uplinks_have_room() const {
  return !event_worker_->queue().full() && !hex_worker_->queue().full() &&
         std::none_of(device_workers_.begin(), device_workers_.end(),
                      [](const auto& worker) { return worker->queue().full(); });
}

void Consumer::command(const link::Command& command) {
  Outbound out;
  mqtt::Publish message;
  message.topic = link::control_topic;
  message.payload = link::encode(command);
  message.qos = 1;
  out.publishes.push_back(std::move(message));
  uplinks_.post(std::move(out));
}

void Consumer::stored_life(const std::string& epoch) {
  boost::asio::post(io_, [this, epoch] {
    restored_uplinks_.seen(epoch);
    restored_auth_.seen(epoch);
  });
}

void Consumer::ask_for_sessions() { command(link::Sync{++sync_}); }

std::string Consumer::queue_detail() const { return queue_state_.detail(clock::unix_ms()); }

void Consumer::drain(std::function<void()> done) {
  drained_ = std::move(done);
  kept_sessions_.stop();
  uplinks_.stop_reading_for_good();
  auth_.stop_reading_for_good();
  hex_worker_->close();  // and then the devices' workers, which it hands on to
  event_worker_->close();
  auth_worker_->close();
  dispatcher_.close();
}

void Consumer::worker_finished() {
  if (--working_ > 0 || !drained_) {
    return;
  }
  // What the workers posted has been handed to the links before this, in order.
  uplinks_.disconnect([this] { auth_.disconnect([this] { drained_(); }); });
}

}  // namespace xgate::ingest
