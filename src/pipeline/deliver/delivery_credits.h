// How many announcements may be under way between the fan-out and the shards, in number and in bytes: the fan-out waits
// for a credit, and so cannot run ahead of the shards.
//
// Shared by the hub and its announcements, the last of which may outlive the hub. take() blocks one thread; permits may
// end on any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>

namespace message_service {

class DeliveryCredits : public std::enable_shared_from_this<DeliveryCredits> {
 public:
  // Gives its credit back on destruction. Move-only; an empty one holds nothing.
  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    Permit(std::shared_ptr<DeliveryCredits> credits, std::size_t bytes) : credits_(std::move(credits)), bytes_(bytes) {}
    Permit(Permit&& other) noexcept = default;
    Permit& operator=(Permit&& other) noexcept {
      std::swap(credits_, other.credits_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Permit() {
      if (credits_) credits_->give_back(bytes_);
    }

   private:
    std::shared_ptr<DeliveryCredits> credits_;
    std::size_t bytes_ = 0;
  };

  DeliveryCredits(std::size_t count_max, std::size_t bytes_max) : count_max_(count_max), bytes_max_(bytes_max) {}

  // One announcement alone has room, however long it is. Without room take() calls before_waiting() and waits.
  template <class BeforeWaiting>
  Permit take(std::size_t bytes, BeforeWaiting before_waiting) {
    std::unique_lock lock(mutex_);
    if (!has_room(bytes)) {
      lock.unlock();
      before_waiting();
      lock.lock();
      room_.wait(lock, [&] { return has_room(bytes); });
    }
    ++count_;
    bytes_ += bytes;
    return {shared_from_this(), bytes};
  }

 private:
  bool has_room(std::size_t bytes) const {
    return count_ == 0 || (count_ < count_max_ && bytes_ + bytes <= bytes_max_);
  }
  void give_back(std::size_t bytes) {
    {
      const std::scoped_lock lock(mutex_);
      --count_;
      bytes_ -= bytes;
    }
    room_.notify_one();
  }

  const std::size_t count_max_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace message_service
