import Glibc
import LinearAlgebra
import Probability

/// One estimate from several imputed data sets, combined by Rubin's rules.
///
/// With m estimates Qᵢ of variances Uᵢ: Q̄ the mean, Ū the mean variance, B the variance of the Qᵢ, T = Ū + (1 + 1/m)B.
/// Rubin, Multiple Imputation for Nonresponse in Surveys, Wiley 1987, section 3.3; R `mice::pool`.
public struct PooledEstimate: Sendable, Equatable {
  /// Which degrees of freedom the t reference has.
  public enum DegreesOfFreedom: String, Sendable, CaseIterable {
    /// (m − 1)(1 + Ū/((1 + 1/m)B))², for endless data (Rubin 1987, equation 3.1.6; SAS `PROC MIANALYZE` by default).
    case rubin
    /// Rubin's, bounded by what the complete data would have left: Barnard & Rubin, Biometrika 1999;86:948,
    /// doi 10.1093/biomet/86.4.948 (`mice::pool` with `dfcom`, SAS `EDF=`).
    case barnardRubin = "barnard-rubin"
  }

  /// The number of imputations m.
  public let imputations: Int
  /// The mean of the estimates, Q̄.
  public let estimate: Double
  /// The mean of the variances, Ū.
  public let withinVariance: Double
  /// The variance of the estimates, B (divisor m − 1).
  public let betweenVariance: Double
  /// The degrees of freedom that the analysis of complete data has; infinity for z tests.
  public let completeDF: Double

  /// Combines the estimates of one quantity and their variances.
  ///
  /// - Parameter completeDF: the degrees of freedom of the analysis of complete data; infinity where it is normal.
  /// - Precondition: at least two imputations, as many variances as estimates.
  public init(estimates: [Double], variances: [Double], completeDF: Double = .infinity) {
    precondition(
      estimates.count > 1 && variances.count == estimates.count,
      "\(estimates.count) estimates and \(variances.count) variances to pool")
    let m = Double(estimates.count)
    let mean = estimates.reduce(0, +) / m
    imputations = estimates.count
    estimate = mean
    withinVariance = variances.reduce(0, +) / m
    betweenVariance = estimates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (m - 1)
    self.completeDF = completeDF
  }

  private var inflatedBetween: Double { (1 + 1 / Double(imputations)) * betweenVariance }

  /// T = Ū + (1 + 1/m)B.
  public var totalVariance: Double { withinVariance + inflatedBetween }
  /// √T.
  public var standardError: Double { totalVariance.squareRoot() }
  /// r = (1 + 1/m)B/Ū, the relative increase in variance due to nonresponse.
  public var relativeIncrease: Double { inflatedBetween / withinVariance }
  /// λ = (1 + 1/m)B/T, the share of the variance due to missing data.
  public var missingShare: Double { inflatedBetween / totalVariance }

  /// The fraction of missing information (r + 2/(ν + 3))/(1 + r), ν the degrees of freedom used.
  public func missingInformation(_ kind: DegreesOfFreedom = .barnardRubin) -> Double {
    (relativeIncrease + 2 / (degreesOfFreedom(kind) + 3)) / (1 + relativeIncrease)
  }

  /// The degrees of freedom of the t reference; infinite where nothing was imputed and the analysis is normal.
  public func degreesOfFreedom(_ kind: DegreesOfFreedom = .barnardRubin) -> Double {
    let lambda = missingShare
    let rubin = lambda > 0 ? Double(imputations - 1) / (lambda * lambda) : .infinity
    guard kind == .barnardRubin, completeDF.isFinite else { return rubin }
    let observed = (completeDF + 1) / (completeDF + 3) * completeDF * (1 - lambda)
    return rubin.isFinite ? rubin * observed / (rubin + observed) : observed
  }

  /// The reference distribution of (Q̄ − Q)/√T.
  public func reference(_ kind: DegreesOfFreedom = .barnardRubin) -> Reference {
    let df = degreesOfFreedom(kind)
    return df.isFinite ? .t(df) : .normal
  }

  /// The estimate as a row of a coefficient table.
  public func coefficient(
    term: String, level: Double = 0.95, degreesOfFreedom kind: DegreesOfFreedom = .barnardRubin
  ) -> Coefficient {
    .wald(
      term: term, estimate: estimate, standardError: standardError, reference: reference(kind), level: level)
  }
}

/// Several coefficients from several imputed data sets.
public struct PooledCoefficients: Sendable, Equatable {
  /// The number of imputations m.
  public let imputations: Int
  /// The means of the estimates.
  public let estimates: [Double]
  /// Ū, the mean of the covariance matrices.
  public let within: Matrix
  /// B, the covariance of the estimates over imputations (divisor m − 1).
  public let between: Matrix
  /// One coefficient each.
  public let pooled: [PooledEstimate]

  /// Combines vectors of estimates and their covariance matrices.
  ///
  /// - Precondition: at least two imputations, all of one length k with k × k matrices.
  public init(estimates: [[Double]], covariances: [Matrix], completeDF: Double = .infinity) {
    let m = estimates.count
    let k = estimates.first?.count ?? 0
    precondition(m > 1 && covariances.count == m, "\(m) vectors and \(covariances.count) matrices to pool")
    precondition(
      estimates.allSatisfy { $0.count == k } && covariances.allSatisfy { $0.rows == k && $0.columns == k },
      "vectors and matrices of different sizes")
    imputations = m
    let mean = (0..<k).map { j in estimates.reduce(0) { $0 + $1[j] } / Double(m) }
    var within = Matrix(rows: k, columns: k)
    var between = Matrix(rows: k, columns: k)
    for i in 0..<k {
      for j in 0..<k {
        within[i, j] = covariances.reduce(0) { $0 + $1[i, j] } / Double(m)
        between[i, j] = estimates.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[j] - mean[j]) } / Double(m - 1)
      }
    }
    self.estimates = mean
    self.within = within
    self.between = between
    pooled = (0..<k).map { j in
      PooledEstimate(
        estimates: estimates.map { $0[j] }, variances: covariances.map { $0[j, j] }, completeDF: completeDF)
    }
  }

  /// Ū + (1 + 1/m)B.
  public var total: Matrix { within + (1 + 1 / Double(imputations)) * between }

  /// The test that all coefficients are zero: D₁ = Q̄'Ū⁻¹Q̄/(k(1 + r̄)) against F with k and ν degrees of freedom, with
  /// r̄ = (1 + 1/m) tr(BŪ⁻¹)/k and ν from Li, Raghunathan & Rubin, J Am Stat Assoc 1991;86:1065, doi 10.2307/2290525
  /// (R `mice::D1` without `dfcom`).
  ///
  /// - Throws: `LinearAlgebraError` where Ū is singular.
  public func jointTest() throws(LinearAlgebraError) -> (
    statistic: Double, df: Double, df2: Double, pValue: Double
  ) {
    let k = Double(estimates.count)
    let m = Double(imputations)
    let factor = try CholeskyFactor(of: within)
    let increase = (1 + 1 / m) * factor.solve(between).trace / k
    let statistic = dot(estimates, factor.solve(estimates)) / (k * (1 + increase))
    let t = k * (m - 1)
    let df2: Double
    if t > 4 {
      let ratio = 1 + (1 - 2 / t) / increase
      df2 = 4 + (t - 4) * ratio * ratio
    } else {
      df2 = t * (1 + 1 / k) * (1 + 1 / increase) * (1 + 1 / increase) / 2
    }
    return (statistic, k, df2, FisherF(df1: k, df2: df2).cdf(statistic, tail: .upper))
  }
}
