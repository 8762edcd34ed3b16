import Glibc
import Inference
import LinearAlgebra

/// The iteration that maximises the likelihood of a generalised linear model.
struct FisherScoring {
  /// Where the iteration ended.
  struct Optimum {
    /// One coefficient a column; none where aliased, and none where `separation` says it is infinite.
    var coefficients: [Double?]
    /// The columns whose coefficients are estimated, ascending.
    var estimableColumns: [Int]
    /// The number of linearly independent columns.
    var rank: Int
    /// The deviance.
    var deviance: Double
    /// (X'WX)⁻¹ over the estimable columns.
    var unscaledCovariance: Matrix
    /// Linear predictors, means, working weights and working residuals of the rows.
    var rows: Rows
    var convergence: Convergence
    var status: FitStatus
    /// The directions in which the likelihood has no maximum.
    var separation: Separation?
  }

  /// What a fit knows of each row with a positive prior weight.
  struct Rows {
    var eta: [Double]
    var mean: [Double]
    var workingWeights: [Double]
    var workingResiduals: [Double]
  }

  let model: GeneralisedLinearModel
  /// Rows with a positive prior weight.
  let data: RegressionData
  /// Where to start instead of the family's starting means; one value a column.
  var start: [Double]?

  init(model: GeneralisedLinearModel, data: RegressionData, start: [Double]? = nil) {
    self.model = model
    self.data = data
    self.start = start
  }

  /// A step below this many squared standard errors, s'I⁻¹s, ends the iteration.
  private static let criterion = 1e-21
  /// A step below this many, and no shorter than half the one before, is rounding error and ends it too.
  private static let roundingLevel = 1e-14

  /// Runs the iteration.
  func maximise() throws(RegressionError) -> Optimum {
    let n = data.rowCount
    var columns = Array(0..<data.columnCount)
    var kernel = ScoringKernel(
      family: model.family, link: model.link, data: data, weights: data.weights)
    var beta: [Double]
    var pass: ScoringKernel.Pass
    if let start {
      beta = start
      pass = kernel.pass(at: beta)
      guard pass.isValid else { throw .noValidStart(link: model.link.rawValue) }
    } else {
      (beta, pass) = try firstCoefficients(&kernel, &columns)
    }
    guard !columns.isEmpty || data.columnCount == 0 else { throw .noEstimableCoefficient }

    var iterations = 0
    var isConverged = columns.isEmpty
    var step: [Double] = []
    var previous = Double.infinity
    while !isConverged, iterations < model.maximumIterations {
      step = try kernel.solution(of: pass, isStart: false).map { $0 ?? 0 }
      let decrement = dot(step, pass.score)
      let residualDF = Double(max(1, n - columns.count))
      let dispersion = model.family.hasKnownDispersion ? 1 : pass.pearson / residualDF
      let isRounding = decrement <= Self.roundingLevel * dispersion && decrement > previous / 4
      if decrement <= max(Self.criterion * dispersion, 1e-28 * pass.size) || isRounding {
        isConverged = true
        break
      }
      previous = decrement
      // Ordinary fits are done by now: before more steps are spent, make sure that there is a maximum.
      if iterations == 12, let limit = try separatedOptimum(columns, iterations) { return limit }
      iterations += 1
      guard
        let next = advance(
          from: beta, step: step, pass: pass, kernel: kernel, isNear: decrement <= 1e-12 * dispersion)
      else {
        pass = kernel.pass(at: beta)
        break
      }
      (beta, pass) = next
    }
    if !isConverged || !Separation.isExcluded(by: kernel, after: pass, step: step),
      let limit = try separatedOptimum(columns, iterations)
    {
      return limit
    }
    var coefficients = [Double?](repeating: nil, count: data.columnCount)
    for (k, j) in columns.enumerated() { coefficients[j] = beta[k] }
    let covariance: Matrix
    if let system = WeightedSystem(gram: pass.gram) {
      covariance = system.inverse()
    } else {
      covariance = try kernel.weightedInverse()
    }
    return Optimum(
      coefficients: coefficients, estimableColumns: columns, rank: columns.count,
      deviance: pass.deviance, unscaledCovariance: covariance,
      rows: kernel.scoredRows(),
      convergence: Convergence(
        isConverged: isConverged, iterations: iterations,
        criterion: "scoring step below 3e-11 standard errors"),
      status: isConverged ? .ok : .notConverged, separation: nil)
  }

  /// The limit of the fit where the maximum lies at infinity; nil where it does not.
  ///
  /// The rows that are predicted perfectly add nothing to the limit of the deviance; the others determine the
  /// coefficients that stay finite, which are what they are in a fit to those rows alone.
  private func separatedOptimum(
    _ columns: [Int], _ iterations: Int
  ) throws(RegressionError) -> Optimum? {
    guard model.detectsSeparation,
      let separation = try Separation.find(
        in: data, columns: columns, family: model.family, link: model.link)
    else { return nil }
    let n = data.rowCount
    let gone = Set(separation.rows)
    let kept = (0..<n).filter { !gone.contains($0) }
    var limit = Optimum(
      coefficients: [Double?](repeating: nil, count: data.columnCount), estimableColumns: [],
      rank: columns.count, deviance: 0, unscaledCovariance: Matrix(rows: 0, columns: 0),
      rows: Rows(
        eta: data.response.map { $0 > 0 ? .infinity : -.infinity }, mean: data.response,
        workingWeights: [Double](repeating: 0, count: n),
        workingResiduals: [Double](repeating: 0, count: n)),
      convergence: Convergence(
        isConverged: false, iterations: iterations, criterion: "none: the maximum lies at infinity"),
      status: .separated, separation: separation)
    guard !kept.isEmpty else { return limit }
    var plain = model
    plain.detectsSeparation = false
    let rest = try FisherScoring(model: plain, data: data.selecting(rows: kept)).maximise()
    let finite = columns.filter { !separation.infiniteColumns.contains($0) }
    for j in finite { limit.coefficients[j] = rest.coefficients[j] }
    limit.estimableColumns = finite.filter { rest.coefficients[$0] != nil }
    let places = limit.estimableColumns.compactMap { rest.estimableColumns.firstIndex(of: $0) }
    limit.unscaledCovariance = rest.unscaledCovariance.selecting(rows: places).selecting(columns: places)
    limit.deviance = rest.deviance
    for (k, i) in kept.enumerated() {
      limit.rows.eta[i] = rest.rows.eta[k]
      limit.rows.mean[i] = rest.rows.mean[k]
      limit.rows.workingWeights[i] = rest.rows.workingWeights[k]
      limit.rows.workingResiduals[i] = rest.rows.workingResiduals[k]
    }
    return limit
  }

  /// The coefficients after the first step, from the family's starting means; drops aliased columns.
  private func firstCoefficients(
    _ kernel: inout ScoringKernel, _ columns: inout [Int]
  ) throws(RegressionError) -> ([Double], ScoringKernel.Pass) {
    let family = model.family
    let (response, weights) = (data.response, data.weights)
    var initial = kernel.pass { family.startingMean(response[$0], weight: weights?[$0] ?? 1) }
    if !initial.isValid {
      // A response at the edge of the link's range (0 under a log link): start from the common mean.
      let centre = weightedMean
      initial = kernel.pass { _ in centre }
      guard initial.isValid else { throw .noValidStart(link: model.link.rawValue) }
    }
    let first = try kernel.solution(of: initial, isStart: true)
    let kept = columns.filter { first[$0] != nil }
    if kept.count < columns.count {
      columns = kept
      var reduced = data
      reduced.columns = data.columns.selecting(columns: kept)
      reduced.columnNames = kept.map { data.columnNames[$0] }
      kernel = ScoringKernel(family: family, link: model.link, data: reduced, weights: data.weights)
    }
    let beta = kept.map { first[$0]! }
    let pass = kernel.pass(at: beta)
    if pass.isValid { return (beta, pass) }
    // The first step left the range: go back towards coefficients that give every row the common mean.
    let anchor = try commonMeanCoefficients(kernel.design.matrix)
    let anchored = kernel.pass(at: anchor)
    guard anchored.isValid else { throw .noValidStart(link: model.link.rawValue) }
    let step = beta.indices.map { beta[$0] - anchor[$0] }
    if let next = advance(from: anchor, step: step, pass: anchored, kernel: kernel, isNear: false) {
      return next
    }
    return (anchor, kernel.pass(at: anchor))
  }

  private var weightedMean: Double {
    var total = 0.0
    var sum = 0.0
    for i in 0..<data.rowCount {
      let w = data.weights?[i] ?? 1
      total += w
      sum += w * data.response[i]
    }
    return sum / total
  }

  /// Least squares of the constant g(ȳ) less the offset on the design.
  private func commonMeanCoefficients(_ design: Matrix) throws(RegressionError) -> [Double] {
    let constant = model.link.linearPredictor(of: weightedMean)
    let target = (0..<data.rowCount).map { constant - (data.offset?[$0] ?? 0) }
    do {
      return try PivotedQR(of: design, tolerance: 1e-11).coefficients(for: target).map { $0 ?? 0 }
    } catch { throw .numerical(error) }
  }

  /// The coefficients after a step, halved until means are in range and the deviance does not rise; nil if none does.
  private func advance(
    from beta: [Double], step: [Double], pass: ScoringKernel.Pass, kernel: ScoringKernel,
    isNear: Bool
  ) -> ([Double], ScoringKernel.Pass)? {
    var factor = 1.0
    for _ in 0..<40 {
      let trial = beta.indices.map { beta[$0] + factor * step[$0] }
      let next = kernel.pass(at: trial)
      // Close to the maximum the deviance changes by its own rounding error only.
      let allowed = pass.deviance + 1e-9 * (abs(pass.deviance) + 0.1)
      if next.isValid, isNear || next.deviance <= allowed { return (trial, next) }
      factor /= 2
    }
    return nil
  }
}
