import Glibc
import Inference
import LinearAlgebra
import Probability

/// Logistic regression with Firth's penalty: the likelihood times Jeffreys' prior |X'WX|^½ (R `logistf`, SAS `firth`).
///
/// The estimates are finite whatever the separation and free of the first-order bias of maximum likelihood.
/// Firth, Biometrika 80 (1993), doi 10.1093/biomet/80.1.27; Heinze & Schemper, Statist. Med. 21 (2002),
/// doi 10.1002/sim.1047.
public struct FirthModel: Sendable {
  /// The limit of scoring steps.
  public var maximumIterations = 500

  public init() {}

  /// Fits the model to a response of 0 and 1 (or shares of successes with trials as weights).
  ///
  /// - Throws: `RegressionError` where data are not finite, the response is out of range or no coefficient can be
  ///   estimated.
  public func fit(_ data: RegressionData) throws(RegressionError) -> FirthFit {
    try data.validate()
    let rows = data.weightedRows
    let used = rows.map { data.selecting(rows: $0) } ?? data
    if let row = used.response.firstIndex(where: { $0 < 0 || $0 > 1 }) {
      throw .responseOutOfRange(row: rows?[row] ?? row, requirement: "between 0 and 1")
    }
    let columns = try OrthonormalDesign(used.design).columns
    let problem = try FirthProblem(data: used, columns: columns)
    let optimum = try problem.maximise(
      from: [Double](repeating: 0, count: columns.count), fixed: nil, limit: maximumIterations)
    return FirthFit(model: self, data: data, used: used, columns: columns, optimum: optimum)
  }
}

/// The penalised likelihood of a logistic regression in an orthonormal basis of its columns.
///
/// With X = QR the linear predictor is √n Qγ, and |X'WX| = |Q'WQ||R|², so that neither units nor collinearity touch the
/// iteration. A coefficient that is to be held fixed is put last: it is then γ's last element over R's.
struct FirthProblem {
  /// Where the iteration ended.
  struct Optimum {
    /// The coefficients in the order of the problem's columns.
    var coefficients: [Double]
    /// ℓ + ½ log |X'WX|.
    var penalisedLogLikelihood: Double
    /// (X'WX)⁻¹ in the order of the problem's columns.
    var covariance: Matrix
    var means: [Double]
    var iterations: Int
    var isConverged: Bool
  }

  private let design: OrthonormalDesign
  private let response: [Double]
  private let weights: [Double]?
  private let offset: [Double]?
  private var basis: Matrix { design.basis }

  /// - Parameter columns: independent columns of the design; the last is the one that may be held fixed.
  init(data: RegressionData, columns: [Int]) throws(RegressionError) {
    design = try OrthonormalDesign(data.design, independent: columns)
    response = data.response
    weights = data.weights
    offset = data.offset
  }

  private struct Point {
    var gamma: [Double]
    var means: [Double]
    var information: CholeskyFactor
    var penalised: Double
    var score: [Double]
  }

  /// Maximises the penalised likelihood by scoring steps that the changes of the score seen so far correct.
  ///
  /// The information is not the penalised likelihood's curvature, which the penalty up to doubles where single rows decide
  /// a coefficient: there plain scoring swings about the maximum for hundreds of steps.
  ///
  /// - Parameters:
  ///   - start: coefficients to start from.
  ///   - fixed: the value at which the last coefficient is held, or nil.
  func maximise(from start: [Double], fixed: Double?, limit: Int) throws(RegressionError) -> Optimum {
    let k = basis.columns
    var beta = start
    if let fixed { beta[k - 1] = fixed }
    guard var point = evaluate(design.basisCoefficients(of: beta)) else {
      throw .numerical(.notPositiveDefinite(order: k))
    }
    let free = fixed == nil ? k : k - 1
    var iterations = 0
    var isConverged = free == 0
    var previous = Double.infinity
    var curvature = SecantPairs()
    while !isConverged, iterations < limit {
      let score = Array(point.score[0..<free])
      let scoring = leadingSolve(point.information, score)
      let decrement = dot(scoring, score)
      if decrement <= 1e-24 || (decrement <= 1e-16 && decrement > previous / 4) {
        isConverged = true
        break
      }
      previous = decrement
      iterations += 1
      var step = curvature.product(with: score) { leadingSolve(point.information, $0) }
      if dot(step, score) <= 0 {
        curvature = SecantPairs()
        step = scoring
      }
      // Steps in η beyond 5 overshoot where the data separate.
      let largest = (basis.selecting(columns: Array(0..<free)) * step).reduce(0) { max($0, abs($1)) }
      if largest > 5 { step = step.map { $0 * 5 / largest } }
      var advanced = false
      for _ in 0..<40 {
        var gamma = point.gamma
        for j in 0..<free { gamma[j] += step[j] }
        if let next = evaluate(gamma),
          next.penalised >= point.penalised - 1e-12 * (1 + abs(point.penalised))
        {
          curvature.add(step: step, change: (0..<free).map { point.score[$0] - next.score[$0] })
          point = next
          advanced = true
          break
        }
        step = step.map { $0 / 2 }
      }
      if !advanced { break }
    }
    return Optimum(
      coefficients: design.coefficients(of: point.gamma),
      penalisedLogLikelihood: point.penalised + (design.logDeterminant - Double(k) * log(Double(basis.rows)))
        / 2,
      covariance: covariance(point),
      means: point.means, iterations: iterations, isConverged: isConverged)
  }

  /// Likelihood, information and modified score at γ; nil where the information has no Cholesky factor.
  private func evaluate(_ gamma: [Double]) -> Point? {
    let n = basis.rows
    let k = basis.columns
    var eta = basis * gamma
    var means = eta
    var work = eta
    var logLik = 0.0
    for i in 0..<n {
      eta[i] += offset?[i] ?? 0
      let w = weights?[i] ?? 1
      let (mean, slope) = Link.logit.meanAndSlope(of: eta[i])
      means[i] = mean
      work[i] = w * slope
      // log p and log(1 − p) from η, exact far out.
      let softplus = max(eta[i], 0) + log1p(exp(-abs(eta[i])))
      logLik += w * (response[i] * eta[i] - softplus)
    }
    guard logLik.isFinite, let information = try? CholeskyFactor(of: basis.gram(weights: work)) else {
      return nil
    }
    let projected = basis * information.inverse()
    var pull = means
    for i in 0..<n {
      var leverage = 0.0
      for j in 0..<k { leverage += projected[i, j] * basis[i, j] }
      leverage *= work[i]
      pull[i] = (weights?[i] ?? 1) * (response[i] - means[i]) + leverage * (0.5 - means[i])
    }
    return Point(
      gamma: gamma, means: means, information: information,
      penalised: logLik + information.logDeterminant / 2, score: basis.transposedTimes(pull))
  }

  /// Solves the leading block of the information: the Cholesky factor of a leading block is the factor's own.
  private func leadingSolve(_ factor: CholeskyFactor, _ c: [Double]) -> [Double] {
    let l = factor.lower
    var x = c
    for i in x.indices {
      for j in 0..<i { x[i] -= l[i, j] * x[j] }
      x[i] /= l[i, i]
    }
    for i in x.indices.reversed() {
      for j in (i + 1)..<max(x.count, i + 1) { x[i] -= l[j, i] * x[j] }
      x[i] /= l[i, i]
    }
    return x
  }

  private func covariance(_ point: Point) -> Matrix {
    point.information.inverse().sandwiched(by: design.backTransform)
  }
}
