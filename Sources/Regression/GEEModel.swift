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
  /// What the moments that estimate scale and correlation are divided by.
  public var moments = Moments.observations
  /// The limit of steps.
  public var maximumIterations = 300

  /// Divisors of the moments.
  public enum Moments: String, Sendable, CaseIterable {
    /// The number of observations, or of pairs of them (geepack). AR(1) uses pairs at all distances.
    case observations
    /// That number less the number of coefficients; AR(1) uses neighbours only (SAS GENMOD, R `gee`).
    case residual
  }

  /// Makes a model.
  public init(mean: GeneralisedLinearModel, correlation: WorkingCorrelation) {
    self.mean = mean
    self.correlation = correlation
  }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: rows in any order of subjects; within a subject their order is that of time. A prior weight divides its
  ///     row's variance, as in geepack.
  ///   - subjects: the subject of each row.
  /// - Throws: `RegressionError`.
  public func fit(_ data: RegressionData, subjects: [Int]) throws(RegressionError) -> GEEFit {
    if let weights = data.weights, weights.contains(0) {
      throw .invalidOption("a GEE takes positive weights only; leave the rows of weight 0 out")
    }
    precondition(subjects.count == data.rowCount, "\(subjects.count) subjects for \(data.rowCount) rows")
    // Rows of a subject are brought together, whatever the order of the file; their own order is kept.
    let order = Self.order(subjects)
    let sorted = order.map { data.selecting(rows: $0) } ?? data
    var groups: [Range<Int>] = []
    var first = 0
    func subject(_ k: Int) -> Int { subjects[order?[k] ?? k] }
    for k in 1...max(subjects.count, 1) where k == subjects.count || subject(k) != subject(first) {
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

  /// The order that brings the rows of a subject together; nil where they are.
  private static func order(_ subjects: [Int]) -> [Int]? {
    guard zip(subjects, subjects.dropFirst()).contains(where: { $0 > $1 }) else { return nil }
    let least = subjects.min() ?? 0
    let count = (subjects.max() ?? 0) - least + 1
    guard count <= 4 * subjects.count else {
      return subjects.indices.sorted { (subjects[$0], $0) < (subjects[$1], $1) }
    }
    var places = [Int](repeating: 0, count: count + 1)
    for subject in subjects { places[subject - least + 1] += 1 }
    for k in 0..<count { places[k + 1] += places[k] }
    var order = [Int](repeating: 0, count: subjects.count)
    for (row, subject) in subjects.enumerated() {
      order[places[subject - least]] = row
      places[subject - least] += 1
    }
    return order
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
      let rows = try residuals(x, sorted, beta)
      let lost = moments == .residual ? columns.count : 0
      guard x.rows > lost else { throw .tooFewRows(rows: x.rows, coefficients: lost) }
      let total = sorted.weights?.reduce(0, +) ?? Double(x.rows)
      let scale = rows.pearson.reduce(0) { $0 + $1 * $1 } / (total - Double(lost))
      guard scale > 0 else {
        throw .invalidOption("the model fits every row exactly: no scale is left to estimate")
      }
      // As in geepack, a weight counts in the moments and not in the residuals that they are of.
      let root = sorted.weights.map { w in w.map { ($0 * scale).squareRoot() } }
      let plain = scale.squareRoot()
      let next = FittedCorrelation.estimate(
        correlation, residuals: rows.pearson.indices.map { rows.pearson[$0] / (root?[$0] ?? plain) },
        weights: sorted.weights, subjects: groups, previous: alpha,
        lost: moments == .residual ? lost : nil)
      let moved = zip(next, alpha.isEmpty ? next.map { _ in Double.infinity } : alpha).reduce(0) {
        max($0, abs($1.0 - $1.1))
      }
      alpha = next
      guard let fitted = FittedCorrelation(correlation, parameters: alpha, largest: largest) else {
        return GEEFit(
          model: self, data: data, scale: scale, alpha: alpha, groups: groups,
          iterations: iteration)
      }
      let whitening = GEEWhitening(design: x, rows: rows, correlation: fitted, subjects: groups)
      let (gram, score) = whitening.normalEquations()
      let bread: Matrix
      do {
        bread =
          try WeightedSystem(gram: gram)?.inverse()
          ?? PivotedQR(of: whitening.whitened().design, tolerance: 1e-12).inverseGram()
      } catch { throw .numerical(.singular(column: 0)) }
      guard bread.rows == columns.count else { throw .numerical(.singular(column: bread.rows)) }
      let step = bread * score
      let decrement = dot(step, score) / scale
      let isRounding = decrement <= 1e-14 && decrement > previous / 4
      if (decrement <= 1e-20 && moved <= 1e-10) || isRounding || iteration == maximumIterations {
        return GEEFit(
          model: self, data: data, columns: columns, beta: beta, scale: scale, alpha: alpha,
          rows: whitening.whitened(),
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

  /// What the rows contribute, whitened: R^(−½) A^(−½) D and R^(−½) A^(−½) (y − μ), subject by subject.
  struct Rows {
    var design: Matrix
    var pearson: [Double]
  }

  /// (dμ/dη)/√V and (y − μ)/√V of each row.
  struct Residuals: Sendable {
    var factor: [Double]
    var pearson: [Double]
  }

  private func residuals(
    _ x: Matrix, _ data: RegressionData, _ beta: [Double]
  ) throws(RegressionError) -> Residuals {
    let n = x.rows
    let model = mean
    var rows = Residuals(
      factor: [Double](repeating: 0, count: n), pearson: [Double](repeating: 0, count: n))
    let invalid = rows.factor.withUnsafeMutableBufferPointer { factor in
      rows.pearson.withUnsafeMutableBufferPointer { pearson in
        let out = RowPointers(factor: factor.baseAddress!, pearson: pearson.baseAddress!)
        return sumsOverBlocks(rows: n, block: 8192, width: 1) { block, invalid in
          let factor = out.factor
          let pearson = out.pearson
          for i in block { pearson[i] = data.offset?[i] ?? 0 }
          x.storage.withUnsafeBufferPointer {
            GramKernel.addProduct(
              chunk: $0.baseAddress! + block.lowerBound, rows: block.count, columns: x.columns, stride: n,
              coefficients: beta, to: pearson + block.lowerBound)
          }
          for i in block {
            let eta = pearson[i]
            let (mu, slope) = model.link.meanAndSlope(of: eta)
            if !model.link.isValid(eta) || !model.family.isValid(mu) { invalid[0] += 1 }
            let deviation = (model.family.variance(mu) / (data.weights?[i] ?? 1)).squareRoot()
            factor[i] = slope / deviation
            pearson[i] = (data.response[i] - mu) / deviation
          }
        }
      }
    }
    guard invalid[0] == 0 else { throw .noValidStart(link: mean.link.rawValue) }
    return rows
  }

  /// Places that threads write, each its own rows: hence unchecked.
  private struct RowPointers: @unchecked Sendable {
    let factor: UnsafeMutablePointer<Double>
    let pearson: UnsafeMutablePointer<Double>
  }
}
