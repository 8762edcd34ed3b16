import Glibc
import LinearAlgebra
import Probability

/// Standardised (marginal) risks by g-computation, with delta-method standard errors.
///
/// The risk at a level is the mean over all rows of the model's prediction with the variable set to that level,
/// r = (1/n) Σ g⁻¹(xᵢ'β); its gradient is (1/n) Σ (g⁻¹)'(ηᵢ) xᵢ. Ge et al., Drug Inf J 2011;45:481–493,
/// doi 10.1177/009286151104500409; FDA guidance on covariate adjustment, 2023. R: `marginaleffects::avg_predictions`.
/// The covariates count as fixed (sample target) unless the population target is asked for, which adds the variance of
/// the predictions between rows (Ye, Bannick, Yi & Shao, 2023, doi 10.1080/24754269.2023.2205802).
public struct Standardisation: Sendable, Equatable {
  /// What the standard errors refer to.
  public enum Target: String, Sendable {
    /// The covariates of the rows at hand.
    case sample
    /// The population the rows were drawn from.
    case population
  }

  /// One standardised quantity.
  public struct Row: Sendable, Equatable {
    public enum Measure: String, Sendable { case risk, mean, survival, difference, ratio }
    public let measure: Measure
    /// The level; for a difference or ratio, the level compared with the first.
    public let level: String
    public let estimate: Double
    /// The standard error; of the logarithm's scale there is none for a ratio.
    public let standardError: Double?
    public let low: Double
    public let high: Double
    /// p of no difference (difference and ratio rows).
    public let pValue: Double?
  }

  public let rows: [Row]

  /// Standardises over the levels of a variable.
  ///
  /// - Parameters:
  ///   - designs: for each level, its label and the design of all rows with the variable set to it.
  ///   - offset: the rows' offsets.
  ///   - model: the estimates.
  ///   - inverseLink: g⁻¹.
  ///   - derivative: its derivative with respect to the linear predictor.
  ///   - level: the confidence level.
  ///   - target: sample or population.
  ///   - measure: what a mean of predictions is: a risk, or the mean of a measurement.
  public init(
    designs: [(level: String, design: Matrix)], offset: [Double]?, model: EstimatedModel,
    inverseLink: (Double) -> Double, derivative: (Double) -> Double, level: Double,
    target: Target = .sample, measure: Row.Measure = .risk
  ) {
    var risks: [Double] = []
    var gradients: [[Double]] = []
    var predictions: [[Double]] = []
    let kept = model.estimable
    let beta = kept.map { model.coefficients[$0]! }
    for (_, design) in designs {
      let x = design.selecting(columns: kept)
      var eta = x * beta
      if let offset { for i in eta.indices { eta[i] += offset[i] } }
      let fitted = eta.map(inverseLink)
      let n = Double(eta.count)
      risks.append(fitted.reduce(0, +) / n)
      gradients.append(x.transposedTimes(eta.map { derivative($0) / n }))
      predictions.append(fitted)
    }
    let count = risks.count
    var covariance = Matrix(rows: count, columns: count)
    for a in 0..<count {
      let va = model.covariance * gradients[a]
      for b in 0..<count {
        covariance[a, b] = dot(va, gradients[b])
        if target == .population {
          covariance[a, b] += Self.betweenRows(predictions[a], predictions[b])
        }
      }
    }
    self.init(
      levels: designs.map(\.level), estimates: risks, covariance: covariance, level: level, measure: measure)
  }

  /// Compares standardised risks or means with the first of them.
  ///
  /// - Parameters:
  ///   - levels: their labels.
  ///   - estimates: one a level.
  ///   - covariance: of the estimates.
  ///   - level: the confidence level.
  ///   - measure: what the estimates are.
  public init(
    levels: [String], estimates: [Double], covariance: Matrix, level: Double, measure: Row.Measure = .risk
  ) {
    rows = Self.rows(
      labels: levels, risks: estimates, covariance: covariance,
      z: Normal().quantile((1 - level) / 2, tail: .upper), measure: measure)
  }

  /// The covariance of two means of predictions over rows drawn at random.
  public static func betweenRows(_ a: [Double], _ b: [Double]) -> Double {
    let n = Double(a.count)
    let meanA = a.reduce(0, +) / n
    let meanB = b.reduce(0, +) / n
    var sum = 0.0
    for i in a.indices { sum += (a[i] - meanA) * (b[i] - meanB) }
    return sum / (n - 1) / n
  }

  private static func rows(
    labels: [String], risks: [Double], covariance: Matrix, z: Double, measure: Row.Measure
  ) -> [Row] {
    var rows: [Row] = []
    for (i, label) in labels.enumerated() {
      let error = covariance[i, i].squareRoot()
      rows.append(
        Row(
          measure: measure, level: label, estimate: risks[i], standardError: error,
          low: risks[i] - z * error, high: risks[i] + z * error, pValue: nil))
    }
    for i in 1..<max(labels.count, 1) {
      let difference = risks[i] - risks[0]
      let variance = covariance[i, i] + covariance[0, 0] - 2 * covariance[0, i]
      let error = variance.squareRoot()
      rows.append(
        Row(
          measure: .difference, level: labels[i], estimate: difference, standardError: error,
          low: difference - z * error, high: difference + z * error,
          pValue: Normal().twoSided(difference / error)))
      // A ratio of means means something for positive ones only.
      guard risks[0] > 0, risks[i] > 0 else { continue }
      let ratio = risks[i] / risks[0]
      let logError =
        (covariance[i, i] / (risks[i] * risks[i]) + covariance[0, 0] / (risks[0] * risks[0])
        - 2 * covariance[0, i] / (risks[0] * risks[i])).squareRoot()
      rows.append(
        Row(
          measure: .ratio, level: labels[i], estimate: ratio, standardError: nil,
          low: ratio * exp(-z * logError), high: ratio * exp(z * logError),
          pValue: Normal().twoSided(log(ratio) / logError)))
    }
    return rows
  }
}
