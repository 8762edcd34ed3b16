import LinearAlgebra
import ModelFormula
import Probability

/// A test of whether two arms differ in baseline variables jointly, in the way that randomisation would let them.
///
/// d² = d′ V⁻ d, where d holds the differences in means, in each stratum, averaged over the strata with weights
/// proportional to h = 2/(1/n₁ + 1/n₀), and V is their covariance over all allocations that keep each stratum's numbers,
/// Σ w² N/(n₁ n₀) S with S the covariance of the variables in the stratum (divisor N − 1). Under randomisation d² is
/// asymptotically χ² with the rank of V as degrees of freedom: Hansen & Bowers, Statistical Science 23 (2008), 219,
/// doi 10.1214/08-STS254. Matches `RItools::balanceTest` without clusters.
///
/// A category enters as indicators of its levels. A missing value is replaced by the mean of those known, and an
/// indicator of missingness joins the variables.
struct OmnibusBalanceTest: Sendable, Equatable {
  let statistic: Double
  /// The rank of the covariance.
  let df: Int
  let pValue: Double
  /// Participants in strata that hold both arms.
  let n: Int

  /// Eigenvalues of the variables' covariance in correlation form below this share of the largest are dependencies.
  private static let rankTolerance = 1e-9

  /// Tests the balance of variables between treated and others.
  ///
  /// - Parameters:
  ///   - columns: baseline variables, numeric or categorical.
  ///   - treated: for each row whether it belongs to the treated arm.
  ///   - stratum: for each row the number of its randomisation stratum.
  /// - Returns: nil where no stratum holds both arms, or nothing varies.
  init?(_ columns: [Column], treated: [Bool], stratum: [Int]) {
    let x = Self.standardised(columns)
    let strata = Set(stratum).sorted().compactMap { Self.stratum($0, of: stratum, treated: treated) }
    guard !x.isEmpty, !strata.isEmpty else { return nil }
    let total = strata.reduce(0) { $0 + $1.weight }
    var d = [Double](repeating: 0, count: x.count)
    var v = Matrix(rows: x.count, columns: x.count)
    for rows in strata {
      let share = rows.weight / total
      let n = Double(rows.all.count)
      let means = x.map { column in rows.all.reduce(0) { $0 + column[$1] } / n }
      let n1 = Double(rows.treated.count)
      for j in x.indices {
        // x̄₁ − x̄₀ = (sum of the centred treated)·N/(n₁n₀)
        let excess = rows.treated.reduce(0) { $0 + (x[j][$1] - means[j]) }
        d[j] += share * excess * n / (n1 * (n - n1))
        for k in 0...j {
          let s = rows.all.reduce(0) { $0 + (x[j][$1] - means[j]) * (x[k][$1] - means[k]) } / (n - 1)
          v[j, k] += share * share * n / (n1 * (n - n1)) * s
        }
      }
    }
    guard let eigen = try? SymmetricEigen(of: v), let largest = eigen.values.last, largest > 0 else {
      return nil
    }
    var statistic = 0.0
    var rank = 0
    for (j, value) in eigen.values.enumerated() where value > Self.rankTolerance * largest {
      let projection = dot(eigen.vectors.column(j), d)
      statistic += projection * projection / value
      rank += 1
    }
    self.statistic = statistic
    df = rank
    pValue = ChiSquared(df: Double(rank)).cdf(statistic, tail: .upper)
    n = strata.reduce(0) { $0 + $1.all.count }
  }

  private struct Stratum {
    let all: [Int]
    let treated: [Int]
    /// h = 2/(1/n₁ + 1/n₀)
    var weight: Double {
      let n1 = Double(treated.count)
      let n0 = Double(all.count) - n1
      return 2 / (1 / n1 + 1 / n0)
    }
  }

  private static func stratum(_ number: Int, of stratum: [Int], treated: [Bool]) -> Stratum? {
    let all = stratum.indices.filter { stratum[$0] == number }
    let chosen = all.filter { treated[$0] }
    return chosen.isEmpty || chosen.count == all.count ? nil : Stratum(all: all, treated: chosen)
  }

  /// The variables as columns of numbers with standard deviation 1, so that the rank does not depend on their units;
  /// columns that do not vary are left out.
  private static func standardised(_ columns: [Column]) -> [[Double]] {
    columns.flatMap { numbers($0) }.compactMap { values in
      let summary = SampleSummary(values)
      guard let sd = summary.standardDeviation, sd > 0 else { return nil }
      return values.map { ($0 - summary.mean) / sd }
    }
  }

  private static func numbers(_ column: Column) -> [[Double]] {
    let isMissing = (0..<column.count).map { column.isMissing(at: $0) }
    var result: [[Double]] = []
    switch column {
    case .numeric(let values): result = [values]
    case .categorical(let codes, let levels):
      result = levels.indices.map { level in codes.map { Int($0) == level ? 1 : 0 } }
    case .date(let days): result = [days.map(Double.init)]
    case .text: return []
    }
    guard isMissing.contains(true) else { return result }
    let known = isMissing.indices.filter { !isMissing[$0] }
    guard !known.isEmpty else { return [] }
    for i in result.indices {
      let mean = SampleSummary(known.map { result[i][$0] }).mean
      for row in isMissing.indices where isMissing[row] { result[i][row] = mean }
    }
    return result + [isMissing.map { $0 ? 1 : 0 }]
  }
}
