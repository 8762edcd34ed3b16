import Glibc
import Inference
import LinearAlgebra
import Probability

/// The linear model of a conditional quantile, Q_τ(y | x) = xβ (R `quantreg::rq`).
///
/// Koenker & Bassett, Econometrica 46 (1978), doi 10.2307/1913643; Koenker, Quantile Regression (2005).
public struct QuantileModel: Sendable {
  /// How the covariance of the coefficients is estimated (R `summary.rq(se = )`).
  public enum StandardError: Sendable, Equatable {
    /// Errors that are independent but not identically distributed: Huber's sandwich with the density at each row from the
    /// fits at τ ± h (Hendricks & Koenker, JASA 87 (1992)).
    case notIdentical
    /// Identical errors: τ(1 − τ)s²(X'X)⁻¹ with the sparsity s from the residuals around 0.
    case identical
    /// The covariance of refits to resampled rows, drawn from streams keyed by the seed.
    case bootstrap(replicates: Int, seed: UInt64, scheme: BootstrapScheme = .rows)
  }

  /// How a bootstrap sample is made.
  public enum BootstrapScheme: String, Sendable, CaseIterable {
    /// Rows drawn with replacement (R `boot.rq(bsmethod = "xy")`).
    case rows
    /// All rows with exponential weights of mean 1 (R `boot.rq(bsmethod = "wxy")`); Bose & Chatterjee, J. Statist. Plann.
    /// Inference 117 (2003), doi 10.1016/S0378-3758(02)00386-9.
    case weights
  }

  /// The quantile, between 0 and 1.
  public var tau: Double
  /// How the covariance is estimated.
  public var standardError: StandardError

  /// Makes a model.
  ///
  /// - Throws: `RegressionError.invalidOption` for a quantile outside (0, 1) or fewer than two replicates.
  public init(tau: Double, standardError: StandardError = .notIdentical) throws(RegressionError) {
    guard tau > 0, tau < 1 else { throw .invalidOption("tau must lie between 0 and 1, not at \(tau)") }
    if case .bootstrap(let replicates, _, _) = standardError, replicates < 2 {
      throw .invalidOption("a bootstrap needs two replicates or more")
    }
    self.tau = tau
    self.standardError = standardError
  }

  /// Fits the model.
  ///
  /// A prior weight multiplies its row's share of the objective.
  /// - Throws: `RegressionError`; also where there are no more rows than coefficients.
  public func fit(_ data: RegressionData) throws(RegressionError) -> QuantileFit {
    try data.validate()
    let used = data.weightedRows.map { data.selecting(rows: $0) } ?? data
    let n = used.rowCount
    let qr: PivotedQR
    do { qr = try PivotedQR(of: used.design, tolerance: 1e-7) } catch { throw .numerical(error) }
    guard qr.rank > 0 else { throw .noEstimableCoefficient }
    let columns = qr.independentColumns
    guard n > columns.count else { throw .tooFewRows(rows: n, coefficients: columns.count) }
    var x = used.design.selecting(columns: columns)
    var y = (0..<n).map { used.response[$0] - (used.offset?[$0] ?? 0) }
    if let w = used.weights {
      x.scaleRows(by: w)
      for i in 0..<n { y[i] *= w[i] }
    }
    let solution = try Self.solve(x, y, tau)
    let size = y.reduce(0) { max($0, abs($1)) }
    if solution.residuals.allSatisfy({ abs($0) <= 1e-12 * size }) {
      throw .invalidOption("the quantile fits every row exactly: no spread is left to estimate errors from")
    }
    let (covariance, warning) = try covariance(x, y, solution)
    return QuantileFit(
      model: self, data: data, columns: columns, solution: solution, covariance: covariance,
      observationCount: n, extraWarning: warning)
  }

  static func solve(_ x: Matrix, _ y: [Double], _ tau: Double) throws(RegressionError)
    -> QuantileSimplex.Solution
  {
    var simplex = QuantileSimplex(design: x, response: y, tau: tau)
    guard let solution = try simplex.solve() else {
      throw .numerical(.noConvergence(routine: "the simplex method"))
    }
    return solution
  }

  private func covariance(
    _ x: Matrix, _ y: [Double], _ solution: QuantileSimplex.Solution
  ) throws(RegressionError) -> (CovarianceEstimate, String?) {
    switch standardError {
    case .identical: return (try identicalErrors(x, solution), nil)
    case .notIdentical: return try differentErrors(x, y)
    case .bootstrap(let replicates, let seed, let scheme):
      return (try bootstrap(x, y, replicates: replicates, seed: seed, scheme: scheme), nil)
    }
  }

  /// The bandwidth of Hall & Sheather, JRSS B 50 (1988), for limits of 95 % (R `bandwidth.rq`).
  private func bandwidth(_ n: Int) -> Double {
    let x = Normal().quantile(tau)
    let f = Normal().density(x)
    let z = Normal().quantile(0.975)
    return pow(Double(n), -1.0 / 3) * pow(z, 2.0 / 3) * pow(1.5 * f * f / (2 * x * x + 1), 1.0 / 3)
  }

  /// τ(1 − τ)s²(X'X)⁻¹, s the slope of a median line through the residuals nearest 0 over their ranks.
  private func identicalErrors(
    _ x: Matrix, _ solution: QuantileSimplex.Solution
  ) throws(RegressionError) -> CovarianceEstimate {
    let n = x.rows
    let p = x.columns
    let zeros = solution.residuals.filter { abs($0) < 0x1p-26 }.count
    let width = max(p + 1, Int((Double(n) * bandwidth(n)).rounded(.up)))
    let order = (0..<n).sorted {
      let (a, b) = (abs(solution.residuals[$0]), abs(solution.residuals[$1]))
      return a < b || (a == b && $0 < $1)
    }
    let ranks = zeros..<(width + zeros + 1)
    guard ranks.upperBound <= n else { throw .tooFewRows(rows: n, coefficients: p) }
    let nearest = ranks.map { solution.residuals[order[$0]] }.sorted()
    let places = ranks.map { Double($0 + 1) / Double(n - p) }
    let line = try Self.solve(
      Matrix(columns: [[Double](repeating: 1, count: nearest.count), places]), nearest, 0.5)
    let sparsity = line.coefficients[1]
    let gram: Matrix
    do { gram = try PivotedQR(of: x, tolerance: 0).inverseGram() } catch { throw .numerical(error) }
    return CovarianceEstimate(sparsity * sparsity * tau * (1 - tau) * gram, kind: .modelBased)
  }

  /// τ(1 − τ)(X'FX)⁻¹X'X(X'FX)⁻¹ with fᵢ = 2h/(xᵢβ(τ + h) − xᵢβ(τ − h)).
  private func differentErrors(
    _ x: Matrix, _ y: [Double]
  ) throws(RegressionError) -> (CovarianceEstimate, String?) {
    var h = bandwidth(x.rows)
    while tau - h < 0 || tau + h > 1 { h /= 2 }
    let high = try Self.solve(x, y, tau + h).coefficients
    let low = try Self.solve(x, y, tau - h).coefficients
    let spread = x * high.indices.map { high[$0] - low[$0] }
    let crossing = spread.filter { $0 <= 0 }.count
    let roots = spread.map { max(0, 2 * h / ($0 - 0x1p-26)).squareRoot() }
    var scaled = x
    scaled.scaleRows(by: roots)
    guard let qr = try? PivotedQR(of: scaled, tolerance: 1e-12), qr.rank == x.columns else {
      // The estimates stand: only their spread is not known.
      return (
        CovarianceEstimate(
          Matrix(rows: x.columns, columns: x.columns, repeating: .nan), kind: .robust("nid")),
        "no standard errors: the quantiles beside tau cross at \(crossing) of \(x.rows) rows, and the others do not "
          + "tell the coefficients apart; --se iid or boot may"
      )
    }
    let bread = qr.inverseGram()
    let warning: String? =
      crossing == 0
      ? nil : "the quantiles beside tau cross at \(crossing) rows, which take no part in the standard errors"
    return (
      CovarianceEstimate(tau * (1 - tau) * x.gram().sandwiched(by: bread), kind: .robust("nid")), warning
    )
  }

  /// The covariance of refits to resampled or reweighted rows.
  private func bootstrap(
    _ x: Matrix, _ y: [Double], replicates: Int, seed: UInt64, scheme: BootstrapScheme
  ) throws(RegressionError) -> CovarianceEstimate {
    let n = x.rows
    let p = x.columns
    var draws: [[Double]] = []
    for replicate in 0..<replicates {
      var stream = RandomStream(seed: seed, purpose: "quantile/bootstrap", replicate: replicate)
      if scheme == .weights {
        let weights = (0..<n).map { _ in -log(stream.uniform()) }
        var sample = x
        sample.scaleRows(by: weights)
        draws.append(try Self.solve(sample, (0..<n).map { weights[$0] * y[$0] }, tau).coefficients)
        continue
      }
      let rows = (0..<n).map { _ in stream.integer(below: n) }
      let sample = x.selecting(rows: rows)
      // A sample in which a column depends on others has no coefficients and is left out.
      guard let qr = try? PivotedQR(of: sample, tolerance: 1e-9), qr.rank == p else { continue }
      draws.append(try Self.solve(sample, rows.map { y[$0] }, tau).coefficients)
    }
    guard draws.count >= 2 else { throw .tooFewRows(rows: n, coefficients: p) }
    let count = Double(draws.count)
    let centre = (0..<p).map { j in draws.reduce(0) { $0 + $1[j] } / count }
    var covariance = Matrix(rows: p, columns: p)
    for draw in draws {
      for j in 0..<p {
        for i in 0..<p { covariance[i, j] += (draw[i] - centre[i]) * (draw[j] - centre[j]) / (count - 1) }
      }
    }
    return CovarianceEstimate(covariance.symmetrised(), kind: .bootstrap)
  }
}

/// A linear model of a conditional quantile.
public struct QuantileFit: Sendable {
  /// The model.
  public let model: QuantileModel
  /// The data fitted, zero weights included.
  public let data: RegressionData
  /// One coefficient a column of the design; none where aliased.
  public let coefficients: [Double?]
  /// The columns whose coefficients are estimated, ascending; the order of `covariance`.
  public let estimableColumns: [Int]
  /// The covariance of the coefficients.
  public let covariance: CovarianceEstimate
  /// The number of rows with a positive weight.
  public let observationCount: Int
  /// Rows less coefficients.
  public let residualDegreesOfFreedom: Int
  /// Σ w ρ_τ(r) at the solution.
  public let objective: Double
  /// True where no other coefficients have the same objective.
  public let isUnique: Bool
  /// How the method ended; a step is an exchange of observations.
  public let convergence: Convergence
  /// What a reader of the estimates has to know.
  public let warnings: [String]

  init(
    model: QuantileModel, data: RegressionData, columns: [Int], solution: QuantileSimplex.Solution,
    covariance: CovarianceEstimate, observationCount: Int, extraWarning: String?
  ) {
    self.model = model
    self.data = data
    estimableColumns = columns
    self.covariance = covariance
    self.observationCount = observationCount
    residualDegreesOfFreedom = observationCount - columns.count
    isUnique = solution.isUnique
    var coefficients = [Double?](repeating: nil, count: data.design.columns)
    for (k, j) in columns.enumerated() { coefficients[j] = solution.coefficients[k] }
    self.coefficients = coefficients
    let tau = model.tau
    objective = solution.residuals.reduce(0) { $0 + $1 * ($1 < 0 ? tau - 1 : tau) }
    convergence = Convergence(
      isConverged: true, iterations: solution.pivots, criterion: "no exchange lowers the objective")
    var warnings: [String] = []
    if !solution.isUnique {
      warnings.append("the quantile is not unique: other coefficients fit as well; one solution is shown")
    }
    if let extraWarning { warnings.append(extraWarning) }
    for j in coefficients.indices where coefficients[j] == nil {
      warnings.append("\(data.columnNames[j]) is not estimable: its column is a combination of earlier ones")
    }
    self.warnings = warnings
  }

  /// The reference distribution of the t statistics.
  public var reference: Reference { .t(Double(residualDegreesOfFreedom)) }

  /// The coefficient table, in the order of the design's columns.
  public func coefficientTable(level: Double = 0.95) -> [Coefficient] {
    Coefficient.waldTable(
      terms: data.columnNames, estimates: coefficients, estimableColumns: estimableColumns,
      covariance: covariance, reference: reference, level: level)
  }
}
