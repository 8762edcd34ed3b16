/// Moments and quantiles of a sample without missing values.
struct SampleSummary: Sendable {
  /// A definition of a sample quantile, by the numbers of Hyndman & Fan, The American Statistician 50 (1996),
  /// doi 10.2307/2684934.
  enum QuantileType: String, Sendable, CaseIterable {
    /// The empirical distribution with averaging where it is discontinuous (SAS's default, Stata).
    case type2 = "2"
    /// Positions p(n + 1) (SPSS).
    case type6 = "6"
    /// Positions 1 + p(n − 1) (R's default).
    case type7 = "7"
  }

  private let sorted: [Double]
  let mean: Double
  /// With divisor n − 1; nil for fewer than two values.
  let standardDeviation: Double?

  /// - Precondition: no value is NaN.
  init(_ values: [Double]) {
    // Sorted first, so that the sums do not depend on the order of the rows.
    sorted = values.sorted()
    let n = Double(sorted.count)
    let rough = sorted.reduce(0, +) / n
    // A second pass takes up what rounding left of the first.
    mean = rough + sorted.reduce(0) { $0 + ($1 - rough) } / n
    let mean = mean
    standardDeviation =
      sorted.count < 2
      ? nil : (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
  }

  var count: Int { sorted.count }
  var minimum: Double? { sorted.first }
  var maximum: Double? { sorted.last }
  var variance: Double? { standardDeviation.map { $0 * $0 } }
  /// The share of values that are exactly zero.
  var zeroCount: Int { sorted.count { $0 == 0 } }

  /// The quantile of a probability; nil for an empty sample. Matches R's `quantile(type =)`.
  func quantile(_ p: Double, type: QuantileType = .type7) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let n = Double(sorted.count)
    // R's own guard against p·n landing a hair beside a whole number.
    let fuzz = 4 * Double.ulpOfOne
    func value(_ index: Int) -> Double { sorted[min(max(index, 1), sorted.count) - 1] }
    switch type {
    case .type7:
      let position = 1 + p * (n - 1)
      let low = (position + fuzz).rounded(.down)
      let weight = position - low
      let base = value(Int(low))
      return abs(weight) < fuzz ? base : base + weight * (value(Int(low) + 1) - base)
    case .type6:
      let position = p * (n + 1)
      let low = (position + fuzz).rounded(.down)
      let weight = position - low
      let base = value(Int(low))
      return abs(weight) < fuzz ? base : base + weight * (value(Int(low) + 1) - base)
    case .type2:
      let position = p * n
      let low = (position + fuzz).rounded(.down)
      return position > low + fuzz ? value(Int(low) + 1) : (value(Int(low)) + value(Int(low) + 1)) / 2
    }
  }

  var median: Double? { quantile(0.5) }
}
