import Glibc
import Inference
import LinearAlgebra
import Probability

/// A fitted mixed model as a likelihood-ratio test sees it.
struct ComparableFit {
  let logLikelihood: Double
  /// Coefficients and covariance parameters together.
  let parameterCount: Int
  /// The estimable columns of the fixed effects.
  let design: Matrix
  /// The rows of the data used.
  let rows: [Int]
  /// True for REML.
  let isRestricted: Bool
  let isUsable: Bool
  /// The variances and covariances by name; none where the covariance is one of a subject's visits.
  let variances: Set<String>
  let covariances: Set<String>
}

/// The likelihood-ratio test of a mixed model against a smaller one (R `anova(small, large)`).
///
/// It is refused where it means nothing: other rows, models that are not nested, and REML fits with other fixed effects,
/// whose likelihoods are of other data (Verbeke & Molenberghs, Linear Mixed Models for Longitudinal Data, 2000, section
/// 6.2.5). R's `anova` refits REML models by ML without being asked; here the call says what was fitted. Where one
/// variance, with its covariances, is tested at zero, the p-value from χ² is too large, and a second row gives that of the
/// mixture ½χ²(k − 1) + ½χ²(k) (Stram & Lee, Biometrics 1994;50:1171–1177, doi 10.2307/2533455).
enum LikelihoodRatioComparison {
  static func tests(_ large: ComparableFit, against small: ComparableFit) throws -> [ModelReport.Test] {
    try check(large, small)
    let k = large.parameterCount - small.parameterCount
    let statistic = max(0, 2 * (large.logLikelihood - small.logLikelihood))
    let df = Double(k)
    func tail(_ df: Double) -> Double {
      df > 0 ? ChiSquared(df: df).cdf(statistic, tail: .upper) : statistic > 0 ? 0 : 1
    }
    var tests = [
      ModelReport.Test(name: "likelihood-ratio", statistic: statistic, df: df, pValue: tail(df))
    ]
    if large.design.columns == small.design.columns, large.variances.count == small.variances.count + 1 {
      tests.append(
        ModelReport.Test(
          name: "likelihood-ratio mixture", statistic: statistic, df: df,
          pValue: (tail(df - 1) + tail(df)) / 2))
    }
    return tests
  }

  private static func check(_ large: ComparableFit, _ small: ComparableFit) throws {
    func refuse(_ reason: String) -> FitRequestError { .notEstimable("--against: " + reason) }
    guard large.isUsable, small.isUsable else {
      throw refuse("a model that did not converge cannot be compared")
    }
    guard large.rows == small.rows else {
      throw refuse(
        "the models use \(large.rows.count) and \(small.rows.count) rows that are not the same; "
          + "expected a filter with --where that gives both the same rows")
    }
    let joined = try PivotedQR(of: large.design.appending(columnsOf: small.design), tolerance: 1e-7).rank
    guard joined == large.design.columns else {
      throw refuse("the fixed effects of the other model are not among those of this one")
    }
    if large.isRestricted, small.design.columns != large.design.columns {
      throw refuse(
        "REML fits with different fixed effects have likelihoods of different data; expected --ml")
    }
    guard small.variances.isSubset(of: large.variances), small.covariances.isSubset(of: large.covariances)
    else { throw refuse("the random effects of the other model are not among those of this one") }
    guard large.parameterCount > small.parameterCount else {
      throw refuse(
        "found \(small.parameterCount) parameters in the other model and \(large.parameterCount) in this one, "
          + "expected fewer in the other")
    }
  }
}
