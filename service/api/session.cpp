// SPDX-License-Identifier: Apache-2.0
#include "service/api/session.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>

#include "service/api/idempotency.hpp"
#include "service/api/permission.hpp"
#include "service/api/suggestion.hpp"
#include "service/observe/log.hpp"

namespace xgate::api {
namespace {

/// A parked request looks by itself this often, for what another service has done.
constexpr std::chrono::seconds park_time{1};

}  // namespace

Session::Session(tcp::socket socket, web::Certificate::Context tls, Door door,
                 std::shared_ptr<Server::Impl> server, std::unique_ptr<web::Place> place)
    : stream_(std::move(socket), std::move(tls)),
      door_(door),
      buffer_(std::size_t{128} * 1024),
      server_(std::move(server)),
      place_(std::move(place)),
      header_timer_(stream_.get_executor()),
      park_timer_(stream_.get_executor()) {
  server_->metrics.http_connections.Increment();
}

Session::~Session() {
  drop_file();
  server_->metrics.http_connections.Decrement();
  server_->left(this);
}

void Session::stop() {
  if (waiting_) close();
  if (parked_) leave_park();
}

void Session::look() {
  if (!parked_) return;
  if (looking_) {
    look_again_ = true;
    return;
  }
  const bool last = Clock::now() >= parked_until_;
  looking_ = post_work(
      [this, later = parked_->later, last](pg::Connection* database, const std::string&) -> Then {
        auto better = database != nullptr ? later->look(*database, last) : std::nullopt;
        if (better) better = in_readers_language(std::move(*better));
        return [better = std::move(better), last](Session& session) mutable {
          session.looked(std::move(better), last);
        };
      });
  if (!looking_) looked(std::nullopt, last);  // the workers have too much to do
}

void Session::close() {
  header_timer_.cancel();
  stream_.close();
}

void Session::park(Response response) {
  parked_ = std::move(response);
  parked_until_ = Clock::now() + parked_->later->patience;
  server_->park(parked_->later->subject, this);
  if (server_->stopping()) return leave_park();
  look();  // for what happened between the handler's look and now
}

void Session::looked(std::optional<Response> better, bool last) {
  looking_ = false;
  if (!parked_) return;
  if (better) {
    better->later.reset();
    server_->unpark(parked_->later->subject, this);
    parked_.reset();
    return write(std::move(*better));
  }
  if (last) return leave_park();
  if (std::exchange(look_again_, false)) return look();
  park_timer_.expires_at(std::min(Clock::now() + park_time, parked_until_));
  park_timer_.async_wait([self = shared_from_this()](beast::error_code cancelled) {
    if (!cancelled && !self->looking_) self->look();
  });
}

void Session::leave_park() {
  park_timer_.cancel();
  server_->unpark(parked_->later->subject, this);
  Response response = std::move(*parked_);
  parked_.reset();
  response.later.reset();
  write(std::move(response));
}

Response Session::run(Handler handler, pg::Connection* database, const std::string& away) {
  if (database == nullptr && route_->database == Database::needed) {
    return to_response(unavailable("the database is not available: try again"));
  }
  try {
    if (route_->of != Of::nobody) {
      if (auto may = check_scope(*database, *route_, request_); !may) {
        return to_response(may.error());
      }
    }
    Context context{database, away, server_->actions, server_->metrics};
    const bool changes = route_->method != "GET" && handler == route_->handler;
    auto response = changes ? do_once(context, *route_, request_)
                            : read_only(handler, context, *route_, request_);
    if (response) {
      for (const auto& act : context.once_committed) act();
    }
    if (response && route_->effect != store::Effect::none && handler == route_->handler) {
      server_->confirmations.await(*database, route_->effect, *response);
    }
    if (response) return std::move(*response);
    if (database != nullptr) suggest_id(*database, request_, response.error());
    return to_response(response.error());
  } catch (const std::exception& error) {
    observe::error("api: {} {} failed: {}", observe::Quoted(request_.method),
                   observe::Words(route_->path), observe::Words(error.what()));
    Problem problem;
    problem.type = "internal";
    problem.detail = "the service failed at this request; its log says why";
    return to_response(problem);
  }
}

Session::Then Session::outcome_of(const Work& work, pg::Connection* database,
                                  const std::string& away) {
  try {
    return work(database, away);
  } catch (const std::exception& error) {
    observe::error("api: an answer could not be made: {}", observe::Words(error.what()));
    return [](Session& session) { session.close(); };
  }
}

bool Session::post_work(Work work) {
  return server_->workers.post([self = shared_from_this(), work = std::move(work)](
                                   pg::Connection* database, const std::string& away) mutable {
    auto then = outcome_of(work, database, away);
    auto executor = self->stream_.get_executor();
    asio::post(executor, [owner = std::move(self), then = std::move(then)] { then(*owner); });
  });
}

void Session::run_on_worker(Work work) {
  if (!post_work(std::move(work))) refuse(unavailable("the service is busy: try again"));
}

}  // namespace xgate::api
