#include "pipeline/deliver/delivery.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "logging/logging.h"
#include "wire/message_json.h"

namespace message_service {

namespace {

// How many rooms may be full before the fan-out waits for the shards. A full room holds twice its limit.
constexpr std::size_t kFullRooms = 4;

constexpr auto kRetryLineInterval = std::chrono::minutes(1);

}  // namespace

Delivery::Delivery(runtime::Shards& shards, const DeliveryParts& parts, const DeliveryOptions& options)
    : parts_(parts),
      senders_(options.recent_senders_max),
      credits_(std::make_shared<DeliveryCredits>(kFullRooms * 2 * options.backlog_limit.messages,
                                                 kFullRooms * 2 * options.backlog_limit.bytes)) {
  const auto retried = [this](const base::Error& error) { count_retry(error); };
  shards_.reserve(shards.size());
  for (const auto& shard : shards) {
    const ShardDelivery::Shared shared{.listened = listened_, .senders = senders_, .retried = retried};
    shards_.push_back({shard.get(), std::make_unique<ShardDelivery>(*shard, parts_, shared, options)});
  }
}

template <class Work>
void Delivery::post_to_all(const Work& work) {
  for (const auto& [shard, delivery] : shards_) {
    boost::asio::post(shard->executor(), [&delivery = *delivery, work] { work(delivery); });
  }
}

void Delivery::deliver(std::vector<Event> events) {
  auto group = std::make_shared<AnnouncementGroup>();
  const auto hand_over = [&] { hand_to_shards(std::exchange(group, std::make_shared<AnnouncementGroup>())); };
  for (const Event& event : events) {
    auto announcement = announcement_of(event);
    announcement->permit = credits_->take(announcement->bytes, hand_over);
    group->push_back(std::move(announcement));
  }
  hand_over();
}

std::shared_ptr<Announcement> Delivery::announcement_of(const Event& event) const {
  if (const auto* rejected = std::get_if<MessageRejected>(&event)) return parts_.announcements.rejection(*rejected);
  const Stored& stored = std::get<MessageSent>(event).stored;
  if (stored.message().change) return announcement_of_change(parts_.announcements, stored, wire::stored_json(stored));
  const Message& message = stored.message();
  auto announcement =
      parts_.announcements.message(message.conversation_id, stored.sequence(), wire::stored_json(stored));
  announcement->span = parts_.traces.start_delivery(message.id, message.traceparent);
  return announcement;
}

void Delivery::hand_to_shards(const std::shared_ptr<const AnnouncementGroup>& group) {
  if (!group->empty()) post_to_all([group](ShardDelivery& delivery) { delivery.announce(*group); });
}

void Delivery::missed() {
  post_to_all([](ShardDelivery& delivery) { delivery.missed(); });
}

void Delivery::missed_in(const std::string& conversation_id) {
  post_to_all([conversation_id](ShardDelivery& delivery) { delivery.missed_in(conversation_id); });
}

void Delivery::count_retry(const base::Error& error) {
  parts_.catch_up_retried();
  const base::SteadyTime now = base::SteadyClock::now();
  base::SteadyTime due = next_retry_line_.load();
  if (now < due || !next_retry_line_.compare_exchange_strong(due, now + kRetryLineInterval)) return;
  logging::warning("Hub clients wait for the history, which cannot be read now; they ask again: " + error.text);
}

}  // namespace message_service
