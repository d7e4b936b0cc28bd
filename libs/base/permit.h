// A bound as a type: the holder of a place owns a Permit, and the permit's destructor returns the place on every path.
//
// Any thread. A Budget must outlive its permits.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace base {

class Budget;

// Some units of a budget. Move-only; an empty one holds nothing.
class [[nodiscard]] Permit {
 public:
  Permit() = default;
  Permit(Permit&& other) noexcept
      : budget_(std::exchange(other.budget_, nullptr)), units_(std::exchange(other.units_, 0)) {}
  Permit& operator=(Permit&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(units_, other.units_);
    return *this;
  }
  inline ~Permit();

  explicit operator bool() const { return budget_ != nullptr; }

 private:
  friend class Budget;
  Permit(Budget& budget, std::size_t units) : budget_(&budget), units_(units) {}

  Budget* budget_ = nullptr;
  std::size_t units_ = 0;
};

class Budget {
 public:
  explicit Budget(std::size_t units_max) : units_max_(units_max) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Returns an empty permit when fewer than `units` units are free.
  Permit take(std::size_t units = 1) {
    std::size_t taken = taken_.load(std::memory_order_relaxed);
    do {
      if (units > units_max_ || taken > units_max_ - units) return {};
    } while (!taken_.compare_exchange_weak(taken, taken + units));
    return {*this, units};
  }

  std::size_t taken() const { return taken_; }
  std::size_t units_max() const { return units_max_; }

 private:
  friend class Permit;

  const std::size_t units_max_;
  std::atomic<std::size_t> taken_ = 0;
};

Permit::~Permit() {
  if (budget_ != nullptr) budget_->taken_ -= units_;
}

}  // namespace base
