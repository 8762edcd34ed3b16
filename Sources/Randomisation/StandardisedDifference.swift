import LinearAlgebra

/// How far two groups lie apart in a baseline variable, in units of its spread.
///
/// The spread is that of the two groups' variances averaged, which does not depend on the groups' sizes: Austin,
/// Statistics in Medicine 28 (2009), 3083, doi 10.1002/sim.3697. Matches R's `tableone::ExtractSmd`.
public enum StandardisedDifference {
  /// (x̄₁ − x̄₀) / √((s₁² + s₀²)/2) with sample variances; nil where a group has fewer than two values, 0 where neither
  /// group varies and the means agree.
  public static func numeric(_ first: [Double], _ second: [Double]) -> Double? {
    guard let a = SampleSpread(first), let b = SampleSpread(second) else { return nil }
    return ratio(a.mean - b.mean, variance: (a.variance + b.variance) / 2)
  }

  /// (p₁ − p₀) / √((p₁(1 − p₁) + p₀(1 − p₀))/2) for a variable of two levels.
  public static func binary(_ p1: Double, _ p0: Double) -> Double? {
    ratio(p1 - p0, variance: (p1 * (1 - p1) + p0 * (1 - p0)) / 2)
  }

  private static func ratio(_ difference: Double, variance: Double) -> Double? {
    if variance > 0 { return difference / variance.squareRoot() }
    return difference == 0 ? 0 : nil
  }

  /// The distance √(d′S⁻¹d) of the shares of all levels but the first, for a variable of several levels; never negative.
  ///
  /// d = p₁ − p₀ and S averages the two multinomial covariances: Yang & Dalton, A unified approach to measuring the effect
  /// size between two groups using SAS, SAS Global Forum 2012, paper 335. Levels absent from both groups are left out.
  /// - Parameters:
  ///   - first: the counts of the levels in one group.
  ///   - second: those in the other.
  public static func categorical(_ first: [Int], _ second: [Int]) -> Double? {
    let present = first.indices.filter { first[$0] + second[$0] > 0 }
    let n1 = Double(first.reduce(0, +))
    let n0 = Double(second.reduce(0, +))
    guard n1 > 0, n0 > 0 else { return nil }
    guard present.count > 1 else { return 0 }
    let used = present.dropFirst()
    let p1 = used.map { Double(first[$0]) / n1 }
    let p0 = used.map { Double(second[$0]) / n0 }
    let d = zip(p1, p0).map { $0 - $1 }
    var s = Matrix(rows: d.count, columns: d.count)
    for i in d.indices {
      for j in d.indices {
        s[i, j] =
          i == j
          ? (p1[i] * (1 - p1[i]) + p0[i] * (1 - p0[i])) / 2 : -(p1[i] * p1[j] + p0[i] * p0[j]) / 2
      }
    }
    guard let factor = try? CholeskyFactor(of: s) else { return nil }
    return max(0, dot(d, factor.solve(d))).squareRoot()
  }
}

/// Mean and sample variance of at least two values.
struct SampleSpread {
  let mean: Double
  /// With divisor n − 1.
  let variance: Double

  init?(_ values: [Double]) {
    guard values.count > 1 else { return nil }
    // Sorted first, so that the sums do not depend on the order of the rows.
    let sorted = values.sorted()
    let n = Double(sorted.count)
    let rough = sorted.reduce(0, +) / n
    // A second pass takes up what rounding left of the first.
    let centre = rough + sorted.reduce(0) { $0 + ($1 - rough) } / n
    mean = centre
    variance = sorted.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / (n - 1)
  }
}
