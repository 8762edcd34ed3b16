import Glibc
import Inference
import LinearAlgebra
import Probability

/// The accelerated failure time model: T, or log T, equals x'β + σ ε, right-censored.
///
/// R `survival::survreg(Surv(time, event) ~ x, dist = )`, SAS `PROC LIFEREG`, Stata `streg, time`. Kalbfleisch & Prentice,
/// The Statistical Analysis of Failure Time Data, 2nd ed., section 3.6.
public struct FailureTimeModel: Sendable {
  /// The distribution of the time.
  public var distribution: FailureDistribution
  /// The covariance that inference uses; the sandwich forms take the rows' scores.
  public var variance = CoxModel.Variance.modelBased
  /// As in `CoxModel.tolerance`.
  public var tolerance = 1e-12
  /// The largest number of Newton steps.
  public var maximumIterations = 100

  public init(_ distribution: FailureDistribution) { self.distribution = distribution }

  /// Fits the model.
  ///
  /// - Parameters:
  ///   - data: the event times, without delayed entry; an event of any cause counts.
  ///   - design: n × p, with its intercept, finite.
  ///   - weights: case weights, at least 0, or nil.
  ///   - offset: a known part of x'β, or nil.
  ///   - stratum: a code in 0 ..< `stratumCount` for each row: each stratum has a scale of its own (R's `strata()` in
  ///     `survreg`); nil for one scale.
  /// - Throws: `SurvivalError.noEvents`, `.zeroTime`, `.notFinite`, `.negativeWeight`, `.unsupported` (delayed entry;
  ///   strata of an exponential, whose scale is fixed).
  public func fit(
    _ data: SurvivalData, design: Matrix, weights: [Double]? = nil, offset: [Double]? = nil,
    stratum: [Int32]? = nil, stratumCount: Int = 1
  ) throws(SurvivalError) -> FailureTimeFit {
    precondition(design.rows == data.count, "\(design.rows) design rows for \(data.count) times")
    try checkWeights(weights, count: data.count)
    guard data.entryRank == nil else {
      throw .unsupported(
        "an accelerated failure time model has no method for delayed entry (start-stop times)")
    }
    guard stratum == nil || !distribution.hasFixedScale else {
      throw .unsupported(
        "the \(distribution.rawValue) distribution has a fixed scale: strata() has no meaning for it")
    }
    guard data.eventCount > 0 else { throw .noEvents(cause: nil) }
    guard let qr = try? PivotedQR(of: design) else { throw .notFinite(what: "covariate", rows: []) }
    let time = (0..<data.count).map { data.time($0) }
    if distribution.isLogarithmic {
      let zero = time.indices.filter { time[$0] <= 0 }
      if !zero.isEmpty { throw .zeroTime(rows: zero) }
    }
    let response = time.indices.map { i in
      (distribution.isLogarithmic ? log(time[i]) : time[i]) - (offset?[i] ?? 0)
    }
    let working = WorkingScale(
      design.selecting(columns: qr.independentColumns), response,
      centresResponse: true, scalesResponse: !distribution.hasFixedScale)
    let isEvent = data.cause.map { $0 != 0 }
    let likelihood = FailureTimeLikelihood(
      distribution: distribution, x: working.x, y: working.y, isEvent: isEvent, weights: weights)
    // From the working response back to time: a density per unit of time.
    var jacobian = 0.0
    for i in isEvent.indices where isEvent[i] {
      let w = weights?[i] ?? 1
      jacobian -= w * log(working.responseScale)
      if distribution.isLogarithmic { jacobian -= w * log(time[i]) }
    }
    let strata = stratum.map { (codes: $0, count: stratumCount) }
    let maximum = try maximum(likelihood, constant: working.constant, strata: strata)
    var null: FailureTimeMaximum?
    if let constant = working.constant {
      let reduced = FailureTimeLikelihood(
        distribution: distribution, x: working.x.selecting(columns: [constant]), y: working.y,
        isEvent: isEvent, weights: weights)
      null = working.x.columns > 1 ? try self.maximum(reduced, constant: 0, strata: strata) : maximum
    }
    return FailureTimeFit(
      model: self, data: data, columns: design.columns, estimable: qr.independentColumns,
      working: working, maximum: maximum, null: null, jacobian: jacobian)
  }

  /// The maximum with one scale, or from there that with a scale a stratum.
  private func maximum(
    _ likelihood: FailureTimeLikelihood, constant: Int?, strata: (codes: [Int32], count: Int)?
  ) throws(SurvivalError) -> FailureTimeMaximum {
    let common = try maximise(likelihood, constant: constant)
    let p = likelihood.x.columns
    let free = !distribution.hasFixedScale
    let alpha = free ? common.b[p] : 1
    let beta = common.b[..<p].map { $0 / alpha }
    guard let strata else {
      let (scores, information) = likelihood.naturalDerivatives(common.b)
      return FailureTimeMaximum(
        beta: beta, scales: free ? [1 / alpha] : [], scores: scores, information: information,
        outcome: common)
    }
    let stratified = StratifiedScaleLikelihood(
      distribution: distribution, x: likelihood.x, y: likelihood.y, isEvent: likelihood.isEvent,
      weights: likelihood.weights, stratum: strata.codes, stratumCount: strata.count)
    let start = beta + [Double](repeating: -log(alpha), count: strata.count)
    let first = stratified.evaluate(start)
    guard first.isFinite else { throw .undefinedAtStart("the likelihood") }
    let outcome = NewtonAscent(
      tolerance: tolerance, maximumIterations: maximumIterations, evaluate: stratified.evaluate
    ).maximise(from: start, at: first)
    let (_, scores, information) = stratified.derivatives(outcome.b)
    return FailureTimeMaximum(
      beta: Array(outcome.b[..<p]), scales: outcome.b[p...].map { exp($0) }, scores: scores,
      information: information, outcome: outcome)
  }

  private func maximise(
    _ likelihood: FailureTimeLikelihood, constant: Int?
  ) throws(SurvivalError) -> NewtonAscent.Outcome {
    var start = [Double](repeating: 0, count: likelihood.x.columns)
    if !distribution.hasFixedScale { start.append(1) }
    let first = likelihood.evaluate(start)
    guard first.isFinite else { throw .undefinedAtStart("the likelihood") }
    return NewtonAscent(
      tolerance: tolerance, maximumIterations: maximumIterations, evaluate: likelihood.evaluate
    ).maximise(from: start, at: first)
  }
}

/// The maximum of a likelihood on the working scale, in the natural parameters (β, log σ).
struct FailureTimeMaximum: Sendable {
  let beta: [Double]
  /// The estimated scales; empty where it is fixed.
  let scales: [Double]
  /// The derivatives of each row's log-likelihood by (β, log σ), weights included.
  let scores: Matrix
  /// The observed information of (β, log σ).
  let information: Matrix
  let outcome: NewtonAscent.Outcome
}

/// A design and a response centred and scaled, with the way back.
struct WorkingScale: Sendable {
  let x: Matrix
  let y: [Double]
  /// The constant column, if the design has one.
  let constant: Int?
  /// What was subtracted from, and divided into, each column.
  let centre: [Double]
  let scale: [Double]
  let responseCentre: Double
  let responseScale: Double

  init(_ design: Matrix, _ response: [Double], centresResponse: Bool, scalesResponse: Bool) {
    let n = Double(design.rows)
    let constant = (0..<design.columns).first { j in
      let column = design.column(j)
      return column[0] != 0 && column.allSatisfy { $0 == column[0] }
    }
    var x = design
    var centre = [Double](repeating: 0, count: design.columns)
    var scale = [Double](repeating: 1, count: design.columns)
    for j in 0..<design.columns {
      let column = design.column(j)
      if j == constant {
        scale[j] = column[0]
      } else {
        centre[j] = constant == nil ? 0 : column.reduce(0, +) / n
        let spread = column.reduce(0) { $0 + abs($1 - centre[j]) } / n
        scale[j] = spread > 0 ? spread : 1
      }
      x.setColumn(j, column.map { ($0 - centre[j]) / scale[j] })
    }
    let mean = constant == nil ? 0 : response.reduce(0, +) / n
    let spread = response.reduce(0) { $0 + abs($1 - mean) } / n
    responseCentre = mean
    responseScale = scalesResponse && spread > 0 ? spread : 1
    let divisor = responseScale
    y = response.map { ($0 - mean) / divisor }
    self.x = x
    self.constant = constant
    self.centre = centre
    self.scale = scale
  }

  /// The matrix that takes coefficients on the working columns to those on the given columns, response scale included.
  var back: Matrix {
    let p = x.columns
    var matrix = Matrix(rows: p, columns: p)
    for j in 0..<p {
      matrix[j, j] = responseScale / scale[j]
      if let constant, j != constant {
        matrix[constant, j] = -responseScale * centre[j] / (scale[j] * scale[constant])
      }
    }
    return matrix
  }
}
