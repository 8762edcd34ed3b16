import Glibc
import LinearAlgebra

/// The survival of everyone, averaged, had all rows one value of a variable each time.
public struct StandardisedSurvival: Sendable, Equatable {
  /// The time asked for.
  public let time: Double
  /// One a version of the rows: the (weighted) mean of S(t | x_i).
  public let survival: [Double]
  /// The covariance of the means.
  public let covariance: Matrix
  /// True where the time lies beyond the last event time of some stratum: the last value is carried forward.
  public let isBeyond: Bool
}

extension CoxFit {
  /// The rows of the data with a variable set to one value.
  public struct Version: Sendable {
    /// A row a row of the data, a column a column of the design.
    public var covariates: Matrix
    /// The code of the stratum of each row; nil where there is one.
    public var strata: [Int32]?
    /// The offset of each row; nil where there is none.
    public var offset: [Double]?

    public init(covariates: Matrix, strata: [Int32]? = nil, offset: [Double]? = nil) {
      self.covariates = covariates
      self.strata = strata
      self.offset = offset
    }
  }

  /// Covariate-adjusted (marginal, standardised) survival: the mean over all rows of the curves that the model predicts for
  /// them with a variable set to each of its values, by the delta method.
  ///
  /// The error of H(t | x_i) is e^η_i (B + q_i'δ), with B that of the baseline hazard, of variance Σ m/D² and independent
  /// of the error δ of the coefficients, and q_i = Σ (x_i − x̄_k) dH_k. So the mean of exp(−H_i) has the gradient
  /// −Σ w_i S_i e^η_i in B and −Σ w_i S_i e^η_i q_i in δ, and versions of the rows share B and δ. Makuch (1982),
  /// doi:10.1016/0021-9681(82)90058-3; Chen & Tsiatis (2001), doi:10.1111/j.0006-341X.2001.01030.x. R: means of
  /// `survfit(fit, newdata)` over the rows, `riskRegression::ate`.
  ///
  /// Where persons have several rows (start–stop times), the mean is over one row of each, which stands for the person from
  /// the origin on: it means something only where nothing but the variable that is set changes within persons.
  ///
  /// - Parameters:
  ///   - versions: all with the rows of the data in their order.
  ///   - rows: the rows to average over, one a person; nil for all.
  ///   - times: at which the curves are read.
  ///   - ofPopulation: whether these rows count as drawn from a population, which adds the variance between them.
  /// - Returns: one a time; nil where a covariate is missing or a stratum has no event.
  /// - Complexity: O(n p) a version and time.
  public func standardisedSurvival(
    _ versions: [Version], over rows: [Int]? = nil, times: [Double], ofPopulation: Bool = false
  ) -> [StandardisedSurvival]? {
    let baseline = CoxBaselineSums(self)
    let rows = rows ?? Array(0..<count)
    let weight = rows.map { weights?[$0] ?? 1 }
    let total = weight.reduce(0, +)
    let share = weight.map { $0 / total }
    var results: [StandardisedSurvival] = []
    for time in times {
      var means: [StandardisedMean] = []
      for version in versions {
        precondition(version.covariates.rows == count, "a row of covariates for every row of the data")
        guard let mean = StandardisedMean(version, at: time, baseline, rows, share) else { return nil }
        means.append(mean)
      }
      var covariance = Matrix(rows: means.count, columns: means.count)
      for a in means.indices {
        let spread = baseline.covariance * means[a].coefficientGradient
        for b in means.indices {
          var sum = means[b].coefficientGradient.isEmpty ? 0 : dot(spread, means[b].coefficientGradient)
          for s in sets.strata.indices {
            sum += means[a].baselineGradient[s] * means[b].baselineGradient[s] * means[a].baselineVariance[s]
          }
          if ofPopulation { sum += Self.betweenRows(means[a], means[b], share) }
          covariance[a, b] = sum
        }
      }
      results.append(
        StandardisedSurvival(
          time: time, survival: means.map(\.survival), covariance: covariance,
          isBeyond: means.contains { $0.isBeyond }))
    }
    return results
  }

  /// The covariance of two weighted means over rows drawn at random.
  private static func betweenRows(_ a: StandardisedMean, _ b: StandardisedMean, _ share: [Double]) -> Double {
    var sum = 0.0
    for i in share.indices {
      sum += share[i] * share[i] * (a.each[i] - a.survival) * (b.each[i] - b.survival)
    }
    return sum * Double(share.count) / Double(share.count - 1)
  }
}

/// The mean survival of one version of the rows at one time, with its gradient.
private struct StandardisedMean {
  var survival = 0.0
  /// S(t | x_i).
  var each: [Double] = []
  /// In the error of the baseline of each stratum, and that error's variance.
  var baselineGradient: [Double]
  var baselineVariance: [Double]
  /// In the coefficients, on the kernel's scale.
  var coefficientGradient: [Double]
  var isBeyond = false

  init?(
    _ version: CoxFit.Version, at time: Double, _ baseline: CoxBaselineSums, _ rows: [Int], _ share: [Double]
  ) {
    let fit = baseline.fit
    let strata = fit.sets.strata
    baselineGradient = [Double](repeating: 0, count: strata.count)
    baselineVariance = baselineGradient
    coefficientGradient = [Double](repeating: 0, count: fit.estimable.count)
    each.reserveCapacity(share.count)
    var stratumPlace: [Int32: Int] = [:]
    for (s, stratum) in strata.enumerated() { stratumPlace[stratum.code] = s }
    let points = strata.indices.map { baseline.point(time, stratum: $0) }
    for (s, point) in points.enumerated() { baselineVariance[s] = point.variance }
    var x = [Double](repeating: 0, count: fit.estimable.count)
    for (place, i) in rows.enumerated() {
      guard let s = version.strata.map({ stratumPlace[$0[i]] }) ?? 0, s < strata.count else { return nil }
      let point = points[s]
      for (a, j) in fit.estimable.enumerated() { x[a] = version.covariates[i, j] }
      let row = baseline.row(x, offset: version.offset?[i] ?? 0, stratum: s, point)
      guard row.hazard.isFinite else { return nil }
      let own = exp(-row.hazard)
      each.append(own)
      survival += share[place] * own
      let weight = share[place] * own * row.risk
      baselineGradient[s] -= weight
      for a in x.indices { coefficientGradient[a] -= weight * row.q[a] }
      isBeyond = isBeyond || point.isBeyond
    }
  }
}
