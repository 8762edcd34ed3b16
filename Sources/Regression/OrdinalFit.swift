import Glibc
import Inference
import LinearAlgebra
import Optimisation
import Probability

/// A cumulative link model fitted by maximum likelihood; thresholds first, then slopes, as in R.
public struct OrdinalFit: Sendable {
  /// The model.
  public let model: OrdinalModel
  /// The data fitted.
  public let data: RegressionData
  /// The categories in order.
  public let levels: [String]
  /// The names of thresholds (`1|2`) and slopes.
  public let terms: [String]
  /// The estimates in the order of `terms`; none where a slope is aliased.
  public let coefficients: [Double?]
  /// The positions whose estimates exist, ascending; the order of `covariance`.
  public let estimable: [Int]
  /// The inverse of the observed information.
  public let covariance: CovarianceEstimate
  /// The maximised log-likelihood.
  public let logLikelihood: Double
  /// The number of estimated thresholds and slopes.
  public let degreesOfFreedom: Double
  /// The sum of the weights, which `clm` takes for the number of observations.
  public let weightTotal: Double
  /// How the iteration ended.
  public let convergence: Convergence
  /// The verdict.
  public let status: FitStatus
  /// What a reader of the estimates has to know.
  public let warnings: [String]

  init(
    model: OrdinalModel, data: RegressionData, levels: [String], likelihood: OrdinalLikelihood,
    record: OptimisationRecord, derivatives: NewtonMethod.Derivatives, weightTotal: Double,
    separation: Separation?
  ) {
    let k = likelihood.thresholdCount
    self.model = model
    self.data = data
    self.levels = levels
    self.weightTotal = weightTotal
    terms = zip(levels, levels.dropFirst()).map { "\($0)|\($1)" } + data.columnNames
    let transform = likelihood.backTransform
    let estimates = transform * record.solution
    let slopes = likelihood.slopes?.columns ?? []
    var coefficients: [Double?] = estimates[0..<k].map { $0 }
    coefficients += [Double?](repeating: nil, count: data.design.columns)
    for (a, j) in slopes.enumerated() { coefficients[k + j] = estimates[k + a] }
    let positions = Array(0..<k) + slopes.map { k + $0 }
    let infinite = Set(separation?.infiniteColumns ?? [])
    for position in infinite { coefficients[position] = nil }
    self.coefficients = coefficients
    estimable = positions.filter { !infinite.contains($0) }
    logLikelihood = -derivatives.value
    degreesOfFreedom = Double(positions.count)
    convergence = Convergence(
      isConverged: record.isConverged, iterations: record.evaluations,
      criterion: "Newton step below 1e-10 standard errors")
    let finite = positions.indices.filter { !infinite.contains(positions[$0]) }
    if separation == nil, let inverse = try? CholeskyFactor(of: derivatives.hessian).inverse() {
      covariance = CovarianceEstimate(inverse.sandwiched(by: transform), kind: .modelBased)
    } else {
      // Beside infinite estimates the curvature says nothing of the finite ones.
      covariance = CovarianceEstimate(
        Matrix(rows: finite.count, columns: finite.count, repeating: .nan), kind: .modelBased)
    }
    status = separation != nil ? .separated : record.isConverged ? .ok : .notConverged
    var warnings: [String] = []
    let terms = self.terms
    if let separation {
      let limits = zip(separation.infiniteColumns, separation.signs).map { column, sign in
        "\(terms[column]) "
          + (sign == 0 ? "is not determined" : "tends to \(sign > 0 ? "+" : "-")infinity")
      }
      warnings.append(
        "separation: the covariates order some rows perfectly, so that no finite maximum likelihood estimate exists (\(limits.joined(separator: ", "))); leave the covariate out or join its levels"
      )
    } else if status == .notConverged {
      warnings.append("the iteration did not converge")
    }
    for j in data.columnNames.indices where coefficients[k + j] == nil && !infinite.contains(k + j) {
      warnings.append("\(data.columnNames[j]) is not estimable: its column is a combination of others")
    }
    self.warnings = warnings
  }

  /// Akaike's criterion, −2 log L + 2 df.
  public var aic: Double { -2 * logLikelihood + 2 * degreesOfFreedom }
  /// Schwarz's criterion, −2 log L + df log Σw.
  public var bic: Double { -2 * logLikelihood + degreesOfFreedom * log(weightTotal) }

  /// The profile-likelihood limits of a slope (R `confint`); nil for one that is infinite or of an aliased slope.
  ///
  /// - Parameter column: the slope's column of the design.
  public func profileLimits(
    of column: Int, level: Double
  ) throws(RegressionError) -> (low: Double?, high: Double?) {
    let position = levels.count - 1 + column
    guard status == .ok, let estimate = coefficients[position], let place = estimable.firstIndex(of: position)
    else { return (nil, nil) }
    let x = data.design.column(column)
    var reduced = data
    let others = (0..<data.design.columns).filter {
      $0 != column && coefficients[levels.count - 1 + $0] != nil
    }
    reduced.design = data.design.selecting(columns: others)
    reduced.columnNames = others.map { data.columnNames[$0] }
    var plain = model
    plain.detectsSeparation = false
    func rise(_ b: Double) throws(RegressionError) -> Double {
      reduced.offset = x.indices.map { (data.offset?[$0] ?? 0) + x[$0] * b }
      return 2 * (logLikelihood - (try plain.fit(reduced, levels: levels)).logLikelihood)
    }
    let error = covariance.matrix[place, place].squareRoot()
    let critical = ChiSquared(df: 1).quantile(1 - level, tail: .upper)
    func limit(_ side: ProfileLimit.Side) throws(RegressionError) -> Double? {
      try ProfileLimit.find(side, estimate: estimate, standardError: error, critical: critical, rise: rise)
    }
    return (try limit(.lower), try limit(.upper))
  }

  /// The coefficient table.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    Coefficient.waldTable(
      terms: terms, estimates: coefficients, estimableColumns: estimable, covariance: covariance,
      reference: .normal, level: level)
  }
}
