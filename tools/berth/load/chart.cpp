#include "tools/berth/load/chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/berth/load/figures.hpp"

namespace berth::load {
namespace {

constexpr double width = 900;
constexpr double height = 300;
constexpr double left_edge = 80;
constexpr double right_edge = width - 40;
constexpr double top = 30;
constexpr double bottom = height - 45;
constexpr std::array<const char*, 3> colours{"var(--a)", "var(--b)", "var(--c)"};

// From a value to its place on the page.
struct Scale {
  double least = 0;
  double most = 1;
  double from = 0;
  double to = 1;
  bool is_logarithmic = false;

  double at(double value) const {
    const auto measure = [&](double each) {
      return is_logarithmic ? std::log10(std::max(each, least)) : each;
    };
    const double span = measure(most) - measure(least);
    return from + (to - from) * (span > 0 ? (measure(value) - measure(least)) / span : 0);
  }
};

std::string number(double value) { return decimal(value, 1); }

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
  return std::string("<text x=")
      .append(number(x))
      .append(" y=")
      .append(number(y))
      .append(" text-anchor=")
      .append(anchor)
      .append(">")
      .append(escaped(text))
      .append("</text>\n");
}

std::string grid_line(double x1, double y1, double x2, double y2) {
  return "<path d=\"M" + number(x1) + ' ' + number(y1) + 'L' + number(x2) + ' ' + number(y2) +
         "\" stroke=\"var(--line)\"/>\n";
}

// A round number: 1, 2 or 5 and zeros, so that a few of it reach `most`.
double step_towards(double most) {
  const double power = std::pow(10, std::floor(std::log10(most / 4)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (digit * power * 4 >= most) return digit * power;
  return 10 * power;
}

// Powers of ten, or steps of equal size.
std::vector<double> y_ticks(const Scale& scale) {
  std::vector<double> ticks;
  const auto add = [&](double tick) {
    if (tick > scale.most * 1.001) return false;
    ticks.push_back(tick);
    return true;
  };
  const double step = step_towards(scale.most);
  for (int i = 0; add(scale.is_logarithmic ? scale.least * std::pow(10, i) : step * i);) ++i;
  return ticks;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

std::string Chart::svg(const std::function<std::string(double)>& y_text) const {
  Scale x{.from = left_edge, .to = right_edge};
  Scale y{.from = bottom, .to = top, .is_logarithmic = axes_.is_y_logarithmic};
  double least = HUGE_VAL;
  double most = 0;
  for (const Tick& tick : ticks_) x.most = std::max(x.most, tick.x);
  for (const Line& line : lines_)
    for (const Point& point : line.points) {
      least = std::min(least, point.y);
      most = std::max(most, point.y);
    }
  if (y.is_logarithmic) {
    constexpr double smallest = 1e-9;
    y.least = std::pow(10, std::floor(std::log10(std::clamp(least, smallest, 1e9))));
    y.most = std::max(std::pow(10, std::ceil(std::log10(std::max(most, smallest)))), y.least * 10);
  } else {
    const double step = step_towards(most > 0 ? most : 1);
    y.most = step * std::ceil((most > 0 ? most : 1) / step);
  }

  std::string svg = "<svg viewBox=\"0 0 " + number(width) + ' ' + number(height) +
                    "\" role=img aria-label=\"" + escaped(axes_.title) + "\">\n";
  for (const double tick : y_ticks(y)) {
    svg += grid_line(left_edge, y.at(tick), right_edge, y.at(tick));
    svg += text_at(left_edge - 8, y.at(tick) + 4, "end", y_text(tick));
  }
  for (const Tick& tick : ticks_) svg += text_at(x.at(tick.x), bottom + 18, "middle", tick.text);
  svg += text_at((left_edge + right_edge) / 2, height - 8, "middle", axes_.x_title);
  double legend = left_edge;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::string colour = colours[i % colours.size()];
    std::string path;
    for (const Point& point : lines_[i].points) {
      path.append(path.empty() ? "M" : "L").append(number(x.at(point.x))).append(" ");
      path.append(number(y.at(point.y)));
    }
    svg.append("<path d=\"").append(path).append("\" fill=none stroke=\"").append(colour);
    svg.append("\" stroke-width=2 />\n<rect x=").append(number(legend));
    svg.append(" y=8 width=12 height=12 fill=\"").append(colour).append("\"/>\n");
    svg += text_at(legend + 18, 18, "start", lines_[i].name);
    legend += 50 + 8 * static_cast<double>(lines_[i].name.size());
  }
  svg += text_at(right_edge, 18, "end", axes_.y_title);
  return svg + "</svg>\n";
}

}  // namespace berth::load
