import Glibc

/// A map from values to positions on the canvas.
struct Scale: Sendable, Equatable {
  var low: Double
  var high: Double
  /// The positions of `low` and `high`.
  var start: Double
  var end: Double
  var isLogarithmic = false

  /// The position of a value, held within the canvas for values beyond the range.
  func position(_ value: Double) -> Double {
    let v = min(max(value, low), high)
    let share = isLogarithmic ? log(v / low) / log(high / low) : (v - low) / (high - low)
    return start + share * (end - start)
  }

  func contains(_ value: Double) -> Bool { value >= low && value <= high }
}

/// Values that are marked on an axis.
struct Ticks: Sendable, Equatable {
  var values: [Double]
  /// The decimals that tell neighbouring ticks apart.
  var decimals: Int

  /// Round values (1, 2 or 5 times a power of ten apart) that cover a range with at most about `count` steps.
  static func covering(_ low: Double, _ high: Double, count: Int = 5) -> Ticks {
    let span = high > low ? high - low : max(abs(low), 1)
    let raw = span / Double(count)
    let exponent = floor(log10(raw) + 1e-12)
    let magnitude = pow(10, exponent)
    let factor = [1.0, 2, 5, 10].first { $0 * magnitude >= raw * (1 - 1e-9) } ?? 10
    let step = factor * magnitude
    let first = (low / step + 1e-9).rounded(.down)
    let last = max((high / step - 1e-9).rounded(.up), first + 1)
    // A whole number over a power of ten is rounded once and so prints with its own few digits.
    let values = (0...Int(last - first)).map { k -> Double in
      let multiple = (first + Double(k)) * factor
      return exponent < 0 ? multiple / pow(10, -exponent) : multiple * magnitude
    }
    let decimals = max(0, -Int(floor(log10(step) + 1e-9)))
    return Ticks(values: values, decimals: decimals)
  }

  /// Ticks of a ratio axis: 1 with 2 and 5 (or powers of ten, where the range is wide) on both sides.
  static func ratios(_ low: Double, _ high: Double) -> Ticks {
    let decades = log10(high / low)
    let steps: [Double] = decades > 3 ? [1] : decades > 1.1 ? [1, 2, 5] : [1, 1.5, 2, 3, 5, 7]
    var values: [Double] = []
    for power in -6...6 {
      for step in steps {
        let value = power < 0 ? step / pow(10, Double(-power)) : step * pow(10, Double(power))
        values.append(value)
      }
    }
    let first = values.lastIndex { $0 <= low * (1 + 1e-9) } ?? 0
    let last = values.firstIndex { $0 >= high * (1 - 1e-9) } ?? values.count - 1
    let kept = Array(values[first...max(last, first)])
    let decimals = kept.map { decimalsNeeded($0) }.max() ?? 0
    return Ticks(values: kept, decimals: decimals)
  }

  /// Ticks of a time axis from 0, at the steps people count in: quarters and years of days, weeks or months.
  static func times(to high: Double, unit: TimeUnit, count: Int = 7) -> Ticks {
    let steps: [Double] =
      switch unit {
      case .days: [1, 2, 5, 7, 10, 14, 28, 30, 60, 90, 180, 365, 730]
      case .weeks: [1, 2, 4, 8, 13, 26, 52, 104]
      case .months: [1, 2, 3, 6, 12, 24, 60]
      case .years: [0.25, 0.5, 1, 2, 5, 10]
      }
    guard let step = steps.first(where: { high / $0 <= Double(count) }) else {
      return covering(0, high, count: count)
    }
    let last = Int((high / step + 1e-9).rounded(.down))
    let values = (0...max(last, 1)).map { Double($0) * step }
    return Ticks(values: values, decimals: values.map { decimalsNeeded($0) }.max() ?? 0)
  }

  /// How few decimals (up to 6) write a value exactly.
  static func decimalsNeeded(_ value: Double) -> Int {
    let digits = DecimalDigits(value)
    return min(6, max(0, digits.digits.count - digits.pointPosition))
  }
}

/// The unit of a time axis.
enum TimeUnit: Sendable {
  case days
  case weeks
  case months
  case years

  /// The unit by its English name; days where it is another.
  init(_ name: String) {
    switch name.lowercased().first {
    case "w": self = .weeks
    case "m": self = .months
    case "y": self = .years
    default: self = .days
    }
  }
}
