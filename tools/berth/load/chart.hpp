// A plot of lines as SVG for a page whose style has --ink, --soft, --line and the colours --a to
// --c.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::load {

// Text as it stands in HTML.
std::string escaped(std::string_view text);

class Chart {
 public:
  struct Axes {
    std::string title;
    std::string x_title;
    std::string y_title;
    bool is_y_logarithmic = false;
  };
  struct Point {
    double x = 0;
    double y = 0;
  };

  explicit Chart(Axes axes) : axes_(std::move(axes)) {}

  void x_tick(double x, std::string text) { ticks_.push_back({x, std::move(text)}); }
  void line(std::string name, std::vector<Point> points) {
    lines_.push_back({std::move(name), std::move(points)});
  }

  std::string svg(const std::function<std::string(double)>& y_text) const;

 private:
  struct Tick {
    double x = 0;
    std::string text;
  };
  struct Line {
    std::string name;
    std::vector<Point> points;
  };

  Axes axes_;
  std::vector<Tick> ticks_;
  std::vector<Line> lines_;
};

}  // namespace berth::load
