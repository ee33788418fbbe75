// SPDX-License-Identifier: Apache-2.0
#include "plugin/sessions.hpp"

#include <algorithm>
#include <utility>

namespace xgate::plugin {

link::Online online_event(const Session& session) {
  link::Online event;
  event.session = session.number;
  event.device = session.identity();
  event.auth_login = session.kind == Session::Kind::auth;
  event.client_id = session.client_id;
  event.address = session.address;
  event.clean_start = session.clean_start;
  event.login_type = session.login_type;
  event.timestamp = session.timestamp;
  event.at_ms = session.at_ms;
  return event;
}

Session* Sessions::find(const Client* client) const noexcept {
  const auto found = by_client_.find(client);
  return found == by_client_.end() ? nullptr : found->second;
}

Session* Sessions::of_device(Session::Kind kind, const directory::DeviceKey& key) const noexcept {
  const auto found = devices(kind).find(key);
  return found == devices(kind).end() ? nullptr : found->second;
}

Session* Sessions::numbered(std::uint64_t number) const noexcept {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second.get();
}

Session* Sessions::after(std::uint64_t number) const noexcept {
  const auto next = by_number_.upper_bound(number);
  return next == by_number_.end() ? nullptr : next->second.get();
}

Session& Sessions::begin(std::unique_ptr<Session> session) {
  // What can fail comes first, so that a failure leaves all tables as they were.
  by_client_.reserve(by_client_.size() + 1);
  const bool of_device = session->kind != Session::Kind::service;
  auto& table = devices(session->kind);
  if (of_device) table.reserve(table.size() + 1);
  const auto number = last_number_ + 1;
  session->number = number;
  Session& begun = *by_number_.emplace_hint(by_number_.end(), number, std::move(session))->second;
  last_number_ = number;
  by_client_.insert_or_assign(begun.client, &begun);
  if (of_device) {
    Session*& newest = table[begun.key];
    if (newest != nullptr) newest->superseded = true;
    newest = &begun;
  }
  return begun;
}

Sessions::Ended Sessions::end(const Client* client) noexcept {
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return {};
  const Session* session = found->second;
  by_client_.erase(found);
  Ended ended;
  if (session->kind != Session::Kind::service) {
    auto& table = devices(session->kind);
    const auto newest = table.find(session->key);
    if (newest != table.end() && newest->second == session) {
      table.erase(newest);
      ended.last_of_device = true;
    }
  }
  auto node = by_number_.extract(session->number);
  ended.session = std::move(node.mapped());
  return ended;
}

LoginMarks::Marks& LoginMarks::marks_of(const Session& session) {
  auto& marks = marks_[session.key];
  if (marks.registration != session.registration) marks = {};
  marks.registration = session.registration;
  marks.revision = std::max(marks.revision, session.revision);
  return marks;
}

void LoginMarks::offline(const Session& session, std::int64_t now_s) {
  auto& marks = marks_of(session);
  marks.last_offline_s = std::max(marks.last_offline_s, now_s);
}

void LoginMarks::type1(const Session& session) {
  marks_of(session).used.use(session.timestamp, session.at_ms / 1000);
}

void LoginMarks::apply(const directory::DeviceKey& key, directory::Device& device) const noexcept {
  const auto found = marks_.find(key);
  if (found == marks_.end() || found->second.registration != device.registration) return;
  device.last_offline_s = std::max(device.last_offline_s, found->second.last_offline_s);
  device.used.add(found->second.used);
}

void LoginMarks::forget_if_reset(const directory::DeviceKey& key, const directory::Device& device) {
  if (device.last_offline_s != 0 || device.used.newest != 0) return;
  const auto found = marks_.find(key);
  if (found != marks_.end() && device.revision > found->second.revision) marks_.erase(found);
}

}  // namespace xgate::plugin
