import Inference
import LinearAlgebra

/// The generalised linear model: g(μ) = Xβ + offset, Var y = φ V(μ)/w, by Fisher scoring (R `glm`).
///
/// Nelder & Wedderburn, Generalized linear models, JRSS A 135 (1972), doi 10.2307/2344614. Starting values and the range
/// of linear predictor and mean are R's. Unlike R, which stops when the deviance changes by less than 1e-8 of itself,
/// scoring goes on until a step is below 3e-11 standard errors, and a step that raises the deviance is halved (as in
/// Marschner, glm2, R Journal 3 (2011)), so that the answer is the maximum to all the digits that are printed.
public struct GeneralisedLinearModel: Sendable {
  /// The distribution of the response.
  public var family: Family
  /// The link.
  public var link: Link
  /// The limit of scoring steps.
  public var maximumIterations = 200
  /// Whether a fit whose maximum lies at infinity is recognised; without it such a fit ends as not converged.
  public var detectsSeparation = true

  /// Makes a model; the link is the family's default unless given.
  ///
  /// - Throws: `RegressionError.unsuitableLink`.
  public init(family: Family, link: Link? = nil) throws(RegressionError) {
    let chosen = link ?? family.defaultLink
    guard family.links.contains(chosen) else {
      throw .unsuitableLink(link: chosen.rawValue, family: family.name)
    }
    self.family = family
    self.link = chosen
  }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: for proportions the response is the share of successes and a prior weight the weight of one trial.
  ///   - trials: the binomial denominators; nil for single trials.
  /// - Throws: `RegressionError` where no meaningful estimate exists; a maximum at infinity is no error but a fit with
  ///   `status == .separated`.
  /// - Complexity: O(n p²) a step.
  public func fit(
    _ data: RegressionData, trials: [Double]? = nil
  ) throws(RegressionError) -> GeneralisedLinearFit {
    var weighted = data
    if let trials {
      precondition(trials.count == data.rowCount, "\(trials.count) trials for \(data.rowCount) rows")
      weighted.weights = trials.indices.map { trials[$0] * (data.weights?[$0] ?? 1) }
    }
    try weighted.validate()
    let rows = weighted.weightedRows
    let used = rows.map { weighted.selecting(rows: $0) } ?? weighted
    if let row = used.response.firstIndex(where: { !family.admits($0) }) {
      throw .responseOutOfRange(row: rows?[row] ?? row, requirement: family.requirement)
    }
    let scoring = FisherScoring(model: self, data: used)
    let optimum = try scoring.maximise()
    let null = try nullDeviance(used)
    return GeneralisedLinearFit(
      model: self, data: weighted, used: used,
      trials: rows.flatMap { rows in trials.map { trials in rows.map { trials[$0] } } } ?? trials,
      optimum: optimum, nullDeviance: null)
  }

  /// The deviance of the model with an intercept (and offset) only; of the offset alone where there is no intercept.
  private func nullDeviance(_ used: RegressionData) throws(RegressionError) -> Double {
    let n = used.rowCount
    var total = 0.0
    var sum = 0.0
    for i in 0..<n {
      let w = used.weights?[i] ?? 1
      total += w
      sum += w * used.response[i]
    }
    if used.hasIntercept, used.offset != nil {
      var constant = used
      constant.design = Matrix(rows: n, columns: 1, repeating: 1)
      constant.columnNames = ["(Intercept)"]
      var model = self
      model.detectsSeparation = false
      return try FisherScoring(model: model, data: constant).maximise().deviance
    }
    if used.hasIntercept {
      // Most responses are 0 or 1, or few distinct counts: the logarithms of the two commonest are taken once.
      let mean = sum / total
      let ofZero = family.admits(0) ? family.unitDeviance(0, mean) : 0
      let ofOne = family.unitDeviance(1, mean)
      let family = family
      return sumsOverBlocks(rows: n, block: 8192, width: 1) { rows, deviance in
        for i in rows {
          let y = used.response[i]
          let unit = y == 0 ? ofZero : y == 1 ? ofOne : family.unitDeviance(y, mean)
          deviance[0] += (used.weights?[i] ?? 1) * unit
        }
      }[0]
    }
    return (0..<n).reduce(0) { deviance, i in
      let mean = link.mean(of: used.offset?[i] ?? 0)
      return deviance + (used.weights?[i] ?? 1) * family.unitDeviance(used.response[i], mean)
    }
  }
}
