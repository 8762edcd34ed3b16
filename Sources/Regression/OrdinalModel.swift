import Glibc
import Inference
import LinearAlgebra
import Optimisation

/// The cumulative link model of an ordered response, P(Y ≤ j) = F(θⱼ − xβ − offset) (R `ordinal::clm`).
///
/// Maximum likelihood by Newton's method with analytic second derivatives; thresholds stay ordered because a step that
/// crosses them is halved. McCullagh, JRSS B 42 (1980), doi 10.1111/j.2517-6161.1980.tb01109.x.
public struct OrdinalModel: Sendable {
  /// F.
  public var link: OrdinalLink
  /// Whether a fit whose maximum lies at infinity is recognised; without it such a fit ends as not converged.
  public var detectsSeparation = true

  public init(link: OrdinalLink = .logit) {
    self.link = link
  }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: the design without an intercept, weights and offset; `response` holds the category of each row, from 0.
  ///   - levels: the names of the categories in order.
  /// - Throws: `RegressionError`; every category must have a row with a positive weight.
  public func fit(_ data: RegressionData, levels: [String]) throws(RegressionError) -> OrdinalFit {
    try data.validate()
    let used = data.weightedRows.map { data.selecting(rows: $0) } ?? data
    var counts = [Double](repeating: 0, count: levels.count)
    for i in 0..<used.rowCount {
      let category = used.response[i]
      guard category >= 0, category < Double(levels.count), category == category.rounded() else {
        throw .responseOutOfRange(row: i, requirement: "a category from 0 to \(levels.count - 1)")
      }
      counts[Int(category)] += used.weights?[i] ?? 1
    }
    guard levels.count >= 2 else { throw .constantResponse }
    if let empty = counts.firstIndex(of: 0) {
      throw .invalidOption("no row is in the category \(levels[empty])")
    }
    let separation = detectsSeparation ? try separation(used, categories: levels.count) : nil
    let likelihood = try OrdinalLikelihood(link: link, data: used, categories: levels.count)
    let total = counts.reduce(0, +)
    var cumulative = 0.0
    let start = counts.dropLast().map { count -> Double in
      cumulative += count
      return link.quantile(cumulative / total)
    }
    let (record, derivatives) = NewtonMethod().minimise(
      from: start + [Double](repeating: 0, count: likelihood.slopeCount), likelihood.derivatives)
    guard let derivatives else { throw .noValidStart(link: link.rawValue) }
    return OrdinalFit(
      model: self, data: data, levels: levels, likelihood: likelihood, record: record,
      derivatives: derivatives, weightTotal: total, separation: separation)
  }

  /// Directions in which the likelihood rises for ever, found before fitting.
  ///
  /// A row in category j bounds θⱼ − xβ from below and θⱼ₋₁ − xβ from above: it is a sure success of the one and a sure
  /// failure of the other, so that the question is that of a binary model with two rows for one. Columns are the
  /// thresholds, then the slopes.
  private func separation(_ data: RegressionData, categories: Int) throws(RegressionError) -> Separation? {
    let thresholds = categories - 1
    var place: [(row: Int, threshold: Int, isUpper: Bool)] = []
    for i in 0..<data.rowCount {
      let category = Int(data.response[i])
      if category < thresholds { place.append((i, category, true)) }
      if category > 0 { place.append((i, category - 1, false)) }
    }
    var design = Matrix(rows: place.count, columns: thresholds + data.design.columns)
    for (k, entry) in place.enumerated() { design[k, entry.threshold] = 1 }
    for j in 0..<data.design.columns {
      for (k, entry) in place.enumerated() { design[k, thresholds + j] = -data.design[entry.row, j] }
    }
    let columns: [Int]
    do { columns = try PivotedQR(of: design, tolerance: 1e-9).independentColumns } catch {
      throw .numerical(error)
    }
    let stacked = RegressionData(
      design: design, columnNames: (0..<design.columns).map(String.init),
      response: place.map { $0.isUpper ? 1 : 0 }, hasIntercept: false)
    return try Separation.find(in: stacked, columns: columns, family: .binomial, link: .logit)
  }
}

/// Minus the log-likelihood of a cumulative link model, over the thresholds and the slopes of an orthonormal basis of the
/// centred covariates.
struct OrdinalLikelihood {
  let link: OrdinalLink
  let data: RegressionData
  let thresholdCount: Int
  /// The centred covariates; nil where there is none.
  let slopes: OrthonormalDesign?
  /// The means that were taken off.
  let centres: [Double]

  init(link: OrdinalLink, data: RegressionData, categories: Int) throws(RegressionError) {
    self.link = link
    self.data = data
    thresholdCount = categories - 1
    let n = Double(data.rowCount)
    var centred = data.design
    var centres: [Double] = []
    var variable: [Int] = []
    for j in 0..<centred.columns {
      let column = centred.column(j)
      let mean = column.reduce(0, +) / n
      centres.append(mean)
      centred.setColumn(j, column.map { $0 - mean })
      // A constant column is part of the thresholds.
      let spread = centred.column(j).reduce(0) { max($0, abs($1)) }
      if spread > 1e-11 * (column.reduce(0) { max($0, abs($1)) }) { variable.append(j) }
    }
    self.centres = centres
    if variable.isEmpty {
      slopes = nil
    } else {
      let within = try OrthonormalDesign(centred.selecting(columns: variable)).columns
      slopes = try OrthonormalDesign(centred, independent: within.map { variable[$0] })
    }
  }

  /// The number of slopes that can be estimated.
  var slopeCount: Int { slopes?.columns.count ?? 0 }

  func derivatives(at parameters: [Double]) -> NewtonMethod.Derivatives? {
    let k = thresholdCount
    let n = data.rowCount
    for j in 1..<max(k, 1) where parameters[j] <= parameters[j - 1] { return nil }
    let eta =
      slopes.map { $0.basis * Array(parameters[k...]) } ?? [Double](repeating: 0, count: n)
    var value = 0.0
    var gradient = [Double](repeating: 0, count: k)
    var hessian = Matrix(rows: k + slopeCount, columns: k + slopeCount)
    // By η: first and second derivative, and for each threshold the mixed one.
    var first = [Double](repeating: 0, count: n)
    var second = first
    var mixed = Matrix(rows: n, columns: k)
    for i in 0..<n {
      let category = Int(data.response[i])
      let w = data.weights?[i] ?? 1
      let shift = eta[i] + (data.offset?[i] ?? 0)
      let high = category < k ? parameters[category] - shift : .infinity
      let low = category > 0 ? parameters[category - 1] - shift : -.infinity
      let probability = link.between(low, high)
      guard probability > 0 else { return nil }
      value -= w * log(probability)
      let (fh, gh) = link.densityAndSlope(high)
      let (fl, gl) = link.densityAndSlope(low)
      let sh = fh / probability
      let sl = fl / probability
      let hh = gh / probability - sh * sh
      let ll = -gl / probability - sl * sl
      let hl = sh * sl
      first[i] = w * (sh - sl)
      second[i] = -w * (hh + ll + 2 * hl)
      if category < k {
        gradient[category] -= w * sh
        hessian[category, category] -= w * hh
        mixed[i, category] = w * (hh + hl)
      }
      if category > 0 {
        gradient[category - 1] += w * sl
        hessian[category - 1, category - 1] -= w * ll
        mixed[i, category - 1] = w * (ll + hl)
        if category < k {
          hessian[category, category - 1] -= w * hl
          hessian[category - 1, category] -= w * hl
        }
      }
    }
    if let slopes {
      gradient += slopes.basis.transposedTimes(first)
      hessian.setBlock(slopes.basis.gram(weights: second), row: k, column: k)
      let cross = Matrix.product(slopes.basis, mixed, transposeFirst: true)
      hessian.setBlock(cross, row: k, column: 0)
      hessian.setBlock(cross.transposed(), row: 0, column: k)
    }
    return NewtonMethod.Derivatives(value: value, gradient: gradient, hessian: hessian)
  }

  /// The matrix that takes the parameters of the iteration to thresholds and slopes.
  var backTransform: Matrix {
    let k = thresholdCount
    var transform = Matrix.identity(k + slopeCount)
    guard let slopes else { return transform }
    let back = slopes.backTransform
    transform.setBlock(back, row: k, column: k)
    for j in 0..<slopeCount {
      var shift = 0.0
      for (a, column) in slopes.columns.enumerated() { shift += centres[column] * back[a, j] }
      for t in 0..<k { transform[t, k + j] = shift }
    }
    return transform
  }
}
