import Glibc
import Inference
import LinearAlgebra

/// Generalised estimating equations for repeated observations of subjects (R `geepack::geeglm`).
///
/// β solves Σ D'V⁻¹(y − μ) = 0 with V = φA^½R(α)A^½; scale φ and correlation α are moments of the Pearson residuals, the
/// scale their mean square over all rows, as in geepack. The covariance is Liang & Zeger's sandwich over subjects.
/// Liang & Zeger, Biometrika 73 (1986), doi 10.1093/biomet/73.1.13; Yan & Fine, Statist. Med. 23 (2004),
/// doi 10.1002/sim.1650.
public struct GEEModel: Sendable {
  /// Mean and variance function.
  public var mean: GeneralisedLinearModel
  /// The working correlation.
  public var correlation: WorkingCorrelation
  /// The limit of steps.
  public var maximumIterations = 300

  /// Makes a model.
  public init(mean: GeneralisedLinearModel, correlation: WorkingCorrelation) {
    self.mean = mean
    self.correlation = correlation
  }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: rows in any order of subjects; within a subject their order is that of time. Weights are not taken.
  ///   - subjects: the subject of each row.
  /// - Throws: `RegressionError`.
  /// - Precondition: no prior weights.
  public func fit(_ data: RegressionData, subjects: [Int]) throws(RegressionError) -> GEEFit {
    precondition(data.weights == nil, "a GEE with prior weights")
    precondition(subjects.count == data.rowCount, "\(subjects.count) subjects for \(data.rowCount) rows")
    // Rows of a subject are brought together, whatever the order of the file; their own order is kept.
    let order = (0..<data.rowCount).sorted { (subjects[$0], $0) < (subjects[$1], $1) }
    let sorted = data.selecting(rows: order)
    var groups: [Range<Int>] = []
    var first = 0
    for k in 1...max(order.count, 1) where k == order.count || subjects[order[k]] != subjects[order[first]] {
      groups.append(first..<k)
      first = k
    }
    let start = try mean.fit(sorted)
    guard start.status == .ok else { return GEEFit(model: self, data: data, independence: start) }
    guard groups.count > 1 else {
      throw .invalidOption("a GEE needs two subjects or more: the variance comes from their differences")
    }
    return try iterate(data: data, sorted: sorted, groups: groups, start: start)
  }

  private func iterate(
    data: RegressionData, sorted: RegressionData, groups: [Range<Int>], start: GeneralisedLinearFit
  ) throws(RegressionError) -> GEEFit {
    let columns = start.estimableColumns
    let x = sorted.design.selecting(columns: columns)
    let largest = groups.reduce(0) { max($0, $1.count) }
    var beta = columns.map { start.coefficients[$0]! }
    var alpha: [Double] = []
    var previous = Double.infinity
    for iteration in 1...maximumIterations {
      var rows = try residuals(x, sorted, beta)
      let scale = rows.pearson.reduce(0) { $0 + $1 * $1 } / Double(x.rows)
      guard scale > 0 else {
        throw .invalidOption("the model fits every row exactly: no scale is left to estimate")
      }
      let root = scale.squareRoot()
      let next = FittedCorrelation.estimate(
        correlation, residuals: rows.pearson.map { $0 / root }, subjects: groups, previous: alpha)
      let moved = zip(next, alpha.isEmpty ? next.map { _ in Double.infinity } : alpha).reduce(0) {
        max($0, abs($1.0 - $1.1))
      }
      alpha = next
      let fitted = try FittedCorrelation(correlation, parameters: alpha, largest: largest)
      whiten(&rows, by: fitted, groups)
      let score = rows.design.transposedTimes(rows.pearson)
      let system = WeightedSystem(gram: rows.design.gram())
      let bread: Matrix
      do { bread = try system?.inverse() ?? PivotedQR(of: rows.design, tolerance: 1e-12).inverseGram() } catch
      {
        throw .numerical(.singular(column: 0))
      }
      guard bread.rows == columns.count else { throw .numerical(.singular(column: bread.rows)) }
      let step = bread * score
      let decrement = dot(step, score) / scale
      let isRounding = decrement <= 1e-14 && decrement > previous / 4
      if (decrement <= 1e-20 && moved <= 1e-10) || isRounding || iteration == maximumIterations {
        return GEEFit(
          model: self, data: data, columns: columns, beta: beta, scale: scale, alpha: alpha, rows: rows,
          groups: groups, bread: bread,
          convergence: Convergence(
            isConverged: decrement <= 1e-14, iterations: iteration,
            criterion: "scoring step below 1e-10 model-based standard errors"))
      }
      previous = decrement
      for j in beta.indices { beta[j] += step[j] }
    }
    preconditionFailure("the loop returns at its last iteration")
  }

  /// What the rows contribute, before whitening: D/√V and (y − μ)/√V.
  struct Rows {
    var design: Matrix
    var pearson: [Double]
  }

  private func residuals(
    _ x: Matrix, _ data: RegressionData, _ beta: [Double]
  ) throws(RegressionError) -> Rows {
    var eta = x * beta
    var factor = eta
    for i in eta.indices {
      eta[i] += data.offset?[i] ?? 0
      let (mu, slope) = mean.link.meanAndSlope(of: eta[i])
      guard mean.link.isValid(eta[i]), mean.family.isValid(mu) else {
        throw .noValidStart(link: mean.link.rawValue)
      }
      let deviation = mean.family.variance(mu).squareRoot()
      factor[i] = slope / deviation
      eta[i] = (data.response[i] - mu) / deviation
    }
    var design = x
    design.scaleRows(by: factor)
    return Rows(design: design, pearson: eta)
  }

  private func whiten(_ rows: inout Rows, by correlation: FittedCorrelation, _ groups: [Range<Int>]) {
    guard correlation.structure != .independence else { return }
    let n = rows.design.rows
    let p = rows.design.columns
    rows.pearson.withUnsafeMutableBufferPointer { v in
      for group in groups { correlation.whiten(UnsafeMutableBufferPointer(rebasing: v[group])) }
    }
    rows.design.storage.withUnsafeMutableBufferPointer { v in
      for j in 0..<p {
        for group in groups {
          let part = (group.lowerBound + j * n)..<(group.upperBound + j * n)
          correlation.whiten(UnsafeMutableBufferPointer(rebasing: v[part]))
        }
      }
    }
  }
}
