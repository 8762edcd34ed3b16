import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// A hurdle or zero-inflated count model fitted by maximum likelihood.
///
/// Terms of the parts are named `count_…` and `zero_…` and stand in this order, as in pscl.
public struct TwoPartCountFit: Sendable {
  /// The model.
  public let model: TwoPartCountModel
  /// The names of all coefficients: those of the counts, then those of the zeros.
  public let terms: [String]
  /// The coefficients in the order of `terms`; none where aliased.
  public let coefficients: [Double?]
  /// The positions whose coefficients are estimated, ascending; the order of `covariance`.
  public let estimable: [Int]
  /// The covariance of the estimated coefficients from the observed information of all parameters.
  public let covariance: CovarianceEstimate
  /// The covariance of the estimated coefficients and, last, log θ̂ where there is one.
  public let fullCovariance: Matrix
  /// The size θ̂ of a negative binomial count part.
  public let theta: Double?
  /// The standard error of log θ̂, as pscl reports it.
  public let logThetaStandardError: Double?
  /// The number of rows with a positive weight.
  public let observationCount: Int
  /// The maximised log-likelihood.
  public let logLikelihood: Double
  /// The number of parameters, θ included.
  public let degreesOfFreedom: Double
  /// How the iteration ended.
  public let convergence: Convergence
  /// The verdict: `boundary` where θ is infinite, where no zero is in excess, or where the counts beyond the hurdle are
  /// all one.
  public let status: FitStatus
  /// What a reader of the estimates has to know.
  public let warnings: [String]

  /// The rows with a positive weight.
  private let used: TwoPartCountData
  /// The data fitted, zero weights included.
  private let data: TwoPartCountData
  /// Their derivatives by the linear predictors.
  private let scores: (counts: [Double], zeros: [Double])

  init(
    model: TwoPartCountModel, data: TwoPartCountData, used: TwoPartCountData, x: OrthonormalDesign,
    z: OrthonormalDesign, record: OptimisationRecord, derivatives: NewtonMethod.Derivatives,
    scores: (counts: [Double], zeros: [Double])
  ) throws(RegressionError) {
    self.used = used
    self.data = data
    self.scores = scores
    let p = x.columns.count
    let q = z.columns.count
    let shape = model.distribution.shapeCount
    let solution = record.solution
    let width = data.count.design.columns
    self.model = model
    terms = data.count.columnNames.map { "count_" + $0 } + data.zeroNames.map { "zero_" + $0 }
    var coefficients = [Double?](repeating: nil, count: terms.count)
    for (b, j) in zip(x.coefficients(of: Array(solution[0..<p])), x.columns) { coefficients[j] = b }
    for (b, j) in zip(z.coefficients(of: Array(solution[p..<(p + q)])), z.columns) {
      coefficients[width + j] = b
    }
    self.coefficients = coefficients
    estimable = x.columns + z.columns.map { width + $0 }
    theta = shape == 1 ? exp(solution[p + q]) : nil
    observationCount = used.count.rowCount
    logLikelihood = -derivatives.value
    degreesOfFreedom = Double(p + q + shape)
    convergence = Convergence(
      isConverged: record.isConverged, iterations: record.evaluations,
      criterion: "Newton step below 1e-10 standard errors")

    var transform = Matrix.identity(p + q + shape)
    transform.setBlock(x.backTransform, row: 0, column: 0)
    transform.setBlock(z.backTransform, row: p, column: p)
    let kept = Array(0..<(p + q))
    if let inverse = try? CholeskyFactor(of: derivatives.hessian).inverse() {
      let full = inverse.sandwiched(by: transform)
      covariance = CovarianceEstimate(full.selecting(rows: kept).selecting(columns: kept), kind: .modelBased)
      fullCovariance = full
      logThetaStandardError = shape == 1 ? full[p + q, p + q].squareRoot() : nil
    } else {
      covariance = CovarianceEstimate(Matrix(rows: p + q, columns: p + q, repeating: .nan), kind: .modelBased)
      fullCovariance = Matrix(rows: p + q + shape, columns: p + q + shape, repeating: .nan)
      logThetaStandardError = shape == 1 ? .nan : nil
    }
    let limits = Self.limits(
      model, derivatives.hessian, countColumns: p, zeroColumns: q, theta: theta)
    status = !limits.isEmpty ? .boundary : record.isConverged ? .ok : .notConverged
    var warnings = limits
    if status == .notConverged { warnings.append("the iteration did not converge") }
    for j in coefficients.indices where coefficients[j] == nil {
      warnings.append("\(terms[j]) is not estimable: its column is a combination of earlier ones")
    }
    self.warnings = warnings
  }

  /// The least information about a unit change of a linear predictor: below it a standard error exceeds 100, and the
  /// likelihood is flat out to infinity.
  private static let leastInformation = 1e-4

  /// Parameters that have run to their limits: a size without a finite estimate, or a direction without information.
  private static func limits(
    _ model: TwoPartCountModel, _ hessian: Matrix, countColumns p: Int, zeroColumns q: Int, theta: Double?
  ) -> [String] {
    if let theta, theta > 1e6 {
      return ["theta has no finite estimate: the counts vary no more than a Poisson model allows"]
    }
    guard let eigen = try? SymmetricEigen(of: hessian), let least = eigen.values.first,
      least < leastInformation
    else { return [] }
    let direction = eigen.vectors.column(0).map { $0 * $0 }
    let counts = direction[0..<p].reduce(0, +)
    let zeros = direction[p..<(p + q)].reduce(0, +)
    if zeros >= counts {
      return [
        model.kind == .hurdle
          ? "the zero part predicts some rows perfectly: some of its coefficients are infinite"
          : "some rows have no excess zeros, or zeros only: some coefficients of the zero part are infinite"
      ]
    }
    return ["some coefficients of the count part are infinite: where it is positive the count hardly varies"]
  }

  /// Akaike's criterion, −2 log L + 2 df.
  public var aic: Double { -2 * logLikelihood + 2 * degreesOfFreedom }
  /// Schwarz's criterion, −2 log L + df log n.
  public var bic: Double { -2 * logLikelihood + degreesOfFreedom * log(Double(observationCount)) }

  /// The columns of the count part that are estimated.
  var countColumns: [Int] { estimable.filter { $0 < used.count.design.columns } }
  /// The columns of the zero part that are estimated.
  var zeroColumns: [Int] {
    let width = used.count.design.columns
    return estimable.filter { $0 >= width }.map { $0 - width }
  }

  /// The sandwich over rows or clusters, as `sandwich::sandwich` and `vcovCL` have it for pscl's models: the bread is
  /// the coefficients' covariance, the scores are those of the coefficients, the size's left out.
  ///
  /// - Parameters:
  ///   - clusters: a code a row of the data; every row its own where nil.
  ///   - scalesByResidualDF: multiply by n/(n − k) (HC1); with clusters the factor is G/(G − 1) anyway.
  public func sandwich(clusters: [Int]?, scalesByResidualDF: Bool) -> CovarianceEstimate {
    let x = used.count.design.selecting(columns: countColumns)
    let z = used.zeroDesign.selecting(columns: zeroColumns)
    let n = x.rows
    var contributions = Matrix(rows: n, columns: x.columns + z.columns)
    for j in 0..<x.columns { for i in 0..<n { contributions[i, j] = x[i, j] * scores.counts[i] } }
    for j in 0..<z.columns { for i in 0..<n { contributions[i, x.columns + j] = z[i, j] * scores.zeros[i] } }
    let kept = clusters.map { codes in data.count.weightedRows.map { $0.map { codes[$0] } } ?? codes }
    let sum = SandwichCovariance.clustered(
      contributions: contributions, bread: covariance.matrix, clusters: kept ?? Array(0..<n),
      adjustment: clusters == nil ? .none : .clusters)
    guard clusters == nil else { return sum }
    let factor = scalesByResidualDF ? Double(n) / (Double(n) - Double(contributions.columns)) : 1
    return CovarianceEstimate(factor * sum.matrix, kind: .robust(scalesByResidualDF ? "HC1" : "HC0"))
  }

  /// The mean outcome of each row of new designs with its delta-method standard error (pscl
  /// `predict(type = "response")`): p μ/(1 − f(0)) of a hurdle model, (1 − π)μ of a zero-inflated one.
  ///
  /// - Parameters:
  ///   - covariance: of the coefficients, and of log θ where there is one.
  /// - Returns: nothing for a row with a value missing.
  public func means(
    countDesign: Matrix, zeroDesign: Matrix, countOffset: [Double]? = nil, zeroOffset: [Double]? = nil,
    covariance: Matrix
  ) -> [(mean: Double, error: Double)?] {
    let x = countDesign.selecting(columns: countColumns)
    let z = zeroDesign.selecting(columns: zeroColumns)
    let width = used.count.design.columns
    let eta = x * countColumns.map { coefficients[$0]! }
    let zeta = z * zeroColumns.map { coefficients[width + $0]! }
    return eta.indices.map { i in
      let mu = exp(eta[i] + (countOffset?[i] ?? 0))
      let probability = 1 / (1 + exp(-(zeta[i] + (zeroOffset?[i] ?? 0))))
      guard mu.isFinite, probability.isFinite else { return nil }
      let spread = probability * (1 - probability)
      let parts = model.kind == .hurdle ? truncatedMean(mu) : (value: mu, byEta: mu, byTau: 0)
      let sign = model.kind == .hurdle ? 1.0 : -1
      let share = model.kind == .hurdle ? probability : 1 - probability
      var gradient = x.row(i).map { $0 * share * parts.byEta }
      gradient += z.row(i).map { $0 * sign * spread * parts.value }
      if covariance.rows > gradient.count { gradient.append(share * parts.byTau) }
      return (share * parts.value, covariance.quadraticForm(gradient).squareRoot())
    }
  }

  /// μ/(1 − f(0)) and its derivatives by log μ and log θ.
  private func truncatedMean(_ mu: Double) -> (value: Double, byEta: Double, byTau: Double) {
    let zero: Double
    let slope: Double
    var byTau = 0.0
    if let theta {
      // log(θ/(θ + μ)) by log1p keeps its digits where μ is small.
      let logRatio = -log1p(mu / theta)
      zero = exp(theta * logRatio)
      slope = -zero * theta / (theta + mu)
      byTau = zero * theta * (logRatio + mu / (theta + mu))
    } else {
      zero = exp(-mu)
      slope = -zero
    }
    let above = theta.map { -expm1(-$0 * log1p(mu / $0)) } ?? -expm1(-mu)
    return (mu / above, mu / above + mu * mu * slope / (above * above), mu * byTau / (above * above))
  }

  /// The coefficient table.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    Coefficient.waldTable(
      terms: terms, estimates: coefficients, estimableColumns: estimable, covariance: covariance,
      reference: .normal, level: level)
  }
}
