// A value or the reason why there is none: C++23's std::expected where the library has it, else the
// part of it that this project uses, spelled the same way. Deleting the second branch is the whole
// migration.
#pragma once

#include <version>

#if defined(__cpp_lib_expected)

#include <expected>

namespace berth {
using std::expected;
using std::unexpected;
}  // namespace berth

#else

#include <cassert>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

namespace berth {

template <class E>
class unexpected {
 public:
  constexpr explicit unexpected(E error) : error_(std::move(error)) {}
  constexpr const E& error() const& noexcept { return error_; }
  constexpr E&& error() && noexcept { return std::move(error_); }

 private:
  E error_;
};

template <class E>
unexpected(E) -> unexpected<E>;

template <class T, class E>
class [[nodiscard]] expected {
 public:
  using value_type = T;
  using error_type = E;

  template <class U>
  static constexpr bool is_value =
      std::is_constructible_v<T, U> && !std::is_same_v<std::remove_cvref_t<U>, expected> &&
      !std::is_same_v<std::remove_cvref_t<U>, unexpected<E>>;

  // As std::expected's: implicit, and out of the way of the copy and move constructors.
  // NOLINTBEGIN(google-explicit-constructor,bugprone-forwarding-reference-overload)
  template <class U = T>
  requires is_value<U>
  constexpr expected(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  template <class... Args>
  requires std::is_constructible_v<T, Args...>
  constexpr explicit expected(std::in_place_t, Args&&... args)
      : state_(std::in_place_index<0>, std::forward<Args>(args)...) {}

  template <class G>
  requires std::is_constructible_v<E, G>
  constexpr expected(unexpected<G> failure)
      : state_(std::in_place_index<1>, std::move(failure).error()) {}
  // NOLINTEND(google-explicit-constructor,bugprone-forwarding-reference-overload)

  constexpr bool has_value() const noexcept { return state_.index() == 0; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  // REQUIRES: has_value(), for this and the accessors below.
  constexpr const T& operator*() const& noexcept { return reference(); }
  constexpr T& operator*() & noexcept { return reference(); }
  constexpr T&& operator*() && noexcept { return std::move(reference()); }
  constexpr const T* operator->() const noexcept { return std::addressof(reference()); }
  constexpr T* operator->() noexcept { return std::addressof(reference()); }

  // REQUIRES: !has_value()
  constexpr const E& error() const& noexcept { return failure(); }
  constexpr E& error() & noexcept { return failure(); }
  constexpr E&& error() && noexcept { return std::move(failure()); }

  template <class U>
  constexpr T value_or(U&& fallback) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(fallback));
  }

 private:
  // Not get_if(): gcc 12 sees the null it gives for a valueless variant, and warns.
  constexpr const T& reference() const noexcept {
    assert(has_value());
    return std::get<0>(state_);
  }
  constexpr T& reference() noexcept {
    assert(has_value());
    return std::get<0>(state_);
  }
  constexpr const E& failure() const noexcept {
    assert(!has_value());
    return std::get<1>(state_);
  }
  constexpr E& failure() noexcept {
    assert(!has_value());
    return std::get<1>(state_);
  }

  std::variant<T, E> state_;
};

}  // namespace berth

#endif
