import Glibc
import Inference
import LinearAlgebra
import Probability

/// The Cox model with a frailty shared within groups, h_i(t) = h_0s(t) exp(x_i'β + ω_g(i)).
///
/// Gamma: θ maximises the likelihood integrated over the frailties, found as the root of its exact derivative. Gaussian: θ
/// solves the restricted-likelihood equation θ = Σω²/(q − tr(H⁻¹)/θ). The penalised partial likelihood gives β and ω at
/// each θ. R `coxph(… + frailty(g, distribution = ))` iterated to the end; the covariance of β is R's `fit$var`, the inverse
/// of the penalised information at fixed θ.
public struct FrailtyModel: Sendable {
  /// The distribution of the frailties.
  public var distribution: FrailtyDistribution
  /// The treatment of tied events: Efron's or Breslow's.
  public var ties: CoxTies

  public init(_ distribution: FrailtyDistribution, ties: CoxTies = .efron) {
    self.distribution = distribution
    self.ties = ties
  }

  /// Fits the model; arguments as in `CoxModel.fit`, with the groups that share a frailty as codes in 0 ..< `groupCount`.
  ///
  /// - Throws: as `CoxModel.fit`; `.tooFewGroups` for one group, `.unsupported` for exact ties.
  public func fit(
    _ data: SurvivalData, design: Matrix, group: [Int32], groupCount: Int, stratum: [Int32]? = nil,
    stratumCount: Int = 1, weights: [Double]? = nil, offset: [Double]? = nil
  ) throws(SurvivalError) -> FrailtyFit {
    guard ties != .exact else {
      throw .unsupported("a frailty has no method for the exact likelihood of ties")
    }
    guard groupCount > 1 else { throw .tooFewGroups(found: groupCount) }
    let fixed = try CoxModel(ties: ties).fit(
      data, design: design, stratum: stratum, stratumCount: stratumCount, weights: weights,
      offset: offset)
    let sets = fixed.sets
    let kept = sets.order.map { group[Int($0)] }
    let likelihood = FrailtyLikelihood(
      sets, ties: ties, group: kept, groupCount: groupCount, distribution: distribution)
    var events = [Double](repeating: 0, count: groupCount)
    for (i, g) in kept.enumerated() where sets.isEvent[i] { events[Int(g)] += sets.weights?[i] ?? 1 }
    let search = FrailtyVarianceSearch(
      likelihood: likelihood, distribution: distribution, events: events, start: fixed.scaled)
    return FrailtyFit(
      fixed: fixed, distribution: distribution, events: events, found: search.run())
  }
}

/// The search for the variance of the frailty, the root of an estimating equation that falls through 0.
struct FrailtyVarianceSearch {
  let likelihood: FrailtyLikelihood
  let distribution: FrailtyDistribution
  /// The weighted number of events of each group.
  let events: [Double]
  let start: [Double]

  /// Brackets the root from θ = 1 outwards and narrows it by the Illinois rule on log θ.
  ///
  /// - Returns: nil for the maximum where the equation is negative down to θ = 1e-6: the variance is 0.
  func run() -> (theta: Double, maximum: FrailtyLikelihood.Maximum?) {
    var state = (b: start, frailties: [Double](repeating: 0, count: events.count))
    func equation(_ logTheta: Double) -> (Double, FrailtyLikelihood.Maximum) {
      let maximum = likelihood.maximise(theta: exp(logTheta), from: state)
      state = (maximum.b, maximum.frailties)
      return (residual(exp(logTheta), maximum), maximum)
    }
    var low = 0.0
    var (lowValue, maximum) = equation(low)
    var high = low
    var highValue = lowValue
    while lowValue < 0 {
      high = low
      highValue = lowValue
      low -= 1.2
      if low < log(1e-6) { return (0, nil) }
      (lowValue, maximum) = equation(low)
    }
    while highValue >= 0 {
      low = high
      lowValue = highValue
      high += 1.2
      if high > log(1e6) { return (exp(high), maximum) }
      (highValue, maximum) = equation(high)
    }
    var side = 0
    var best = low
    for _ in 0..<100 {
      best = (low * highValue - high * lowValue) / (highValue - lowValue)
      let value: Double
      (value, maximum) = equation(best)
      if abs(high - low) < 1e-10 || abs(value) < 1e-10 { break }
      if value >= 0 {
        (low, lowValue) = (best, value)
        if side == 1 { highValue /= 2 }
        side = 1
      } else {
        (high, highValue) = (best, value)
        if side == -1 { lowValue /= 2 }
        side = -1
      }
    }
    return (exp(best), maximum)
  }

  /// Positive where θ is too small.
  private func residual(_ theta: Double, _ maximum: FrailtyLikelihood.Maximum) -> Double {
    let q = Double(events.count)
    switch distribution {
    case .gaussian:
      let squares = maximum.frailties.reduce(0) { $0 + $1 * $1 }
      let trace = maximum.frailtyVariances.reduce(0, +)
      return squares / (q - trace / theta) / theta - 1
    case .gamma:
      // dL/d log ν = ν (Σ ω + Σ [log(ν/(ν + d)) + ψ(ν + d) − ψ(ν)]), with the sign turned for log θ.
      let nu = 1 / theta
      var slope = maximum.frailties.reduce(0, +)
      for d in events {
        slope += -log1p(d / nu) + SpecialFunctions.digamma(nu + d) - SpecialFunctions.digamma(nu)
      }
      return -slope * nu
    }
  }
}

/// A fitted Cox model with frailty.
public struct FrailtyFit: Sendable {
  /// The log hazard ratios, p; nil where aliased.
  public let coefficients: [Double?]
  public let estimable: [Int]
  /// The covariance of the estimable coefficients at the estimated variance.
  public let covariance: CovarianceEstimate
  /// θ, the variance of the frailty (gamma) or of its logarithm (gaussian).
  public let variance: Double
  /// ω of each group; all 0 where θ is.
  public let frailties: [Double]
  /// The covariance of the estimable coefficients and then the frailties, for at most five groups (R lists them then).
  public let jointCovariance: Matrix?
  /// log L at the coefficients and frailties, without the penalty.
  public let logLikelihood: Double
  /// log L with no covariate and no frailty.
  public let nullLogLikelihood: Double
  /// The likelihood integrated over gamma frailties, comparable with a model without frailty; nil for gaussian ones.
  public let integratedLogLikelihood: Double?
  /// The effective degrees of freedom of the covariates and of the frailties.
  public let covariateFreedom: Double
  public let frailtyFreedom: Double
  public let convergence: Convergence
  public let status: FitStatus
  /// The fit without the frailty.
  public let withoutFrailty: CoxFit

  init(
    fixed: CoxFit, distribution: FrailtyDistribution, events: [Double],
    found: (theta: Double, maximum: FrailtyLikelihood.Maximum?)
  ) {
    withoutFrailty = fixed
    estimable = fixed.estimable
    nullLogLikelihood = fixed.nullLogLikelihood
    variance = found.theta
    let criterion = "estimating equation of the variance below 1e-10"
    guard let maximum = found.maximum else {
      coefficients = fixed.coefficients
      covariance = fixed.covariance
      frailties = [Double](repeating: 0, count: events.count)
      jointCovariance = nil
      logLikelihood = fixed.logLikelihood
      integratedLogLikelihood = distribution == .gamma ? fixed.logLikelihood : nil
      covariateFreedom = Double(fixed.estimable.count)
      frailtyFreedom = 0
      convergence = Convergence(
        isConverged: fixed.convergence.isConverged, iterations: fixed.convergence.iterations,
        criterion: criterion)
      status = fixed.status == .ok ? .boundary : fixed.status
      return
    }
    let scale = fixed.sets.scale
    var all = [Double?](repeating: nil, count: fixed.coefficients.count)
    for (a, j) in estimable.enumerated() { all[j] = maximum.b[a] / scale[a] }
    coefficients = all
    covariance = CovarianceEstimate(
      maximum.covariance.sandwiched(by: Matrix.diagonal(scale.map { 1 / $0 })), kind: .modelBased)
    frailties = maximum.frailties
    let unscale = scale.map { 1 / $0 } + [Double](repeating: 1, count: events.count)
    jointCovariance = maximum.joint?.sandwiched(by: Matrix.diagonal(unscale))
    logLikelihood = maximum.logLikelihood
    covariateFreedom = maximum.covariateFreedom
    frailtyFreedom =
      Double(events.count) - dot(maximum.frailtyVariances, maximum.penaltyCurvature)
    switch distribution {
    case .gaussian: integratedLogLikelihood = nil
    case .gamma:
      let nu = 1 / found.theta
      var sum = maximum.logLikelihood
      for (omega, d) in zip(maximum.frailties, events) {
        sum += nu * omega - nu * log1p(d / nu) - d * log(nu + d) + d
        sum += SpecialFunctions.logGamma(nu + d) - SpecialFunctions.logGamma(nu)
      }
      integratedLogLikelihood = sum
    }
    let usable = maximum.isConverged && maximum.covariance.isFinite && fixed.diverging.isEmpty
    convergence = Convergence(
      isConverged: usable, iterations: maximum.iterations, criterion: criterion)
    status = !fixed.diverging.isEmpty ? .separated : usable ? .ok : .notConverged
  }

  /// One row a column of the design with normal inference.
  ///
  /// - Parameter groups: the names of the frailties, for a row each after the covariates' where `jointCovariance` exists.
  public func coefficientTable(
    terms: [String], groups: [String] = [], level: Double = 0.95
  ) -> [Coefficient] {
    var table = terms.map { Coefficient(term: $0) }
    let errors = covariance.standardErrors
    for (a, j) in estimable.enumerated() {
      table[j] = .wald(
        term: terms[j], estimate: coefficients[j]!, standardError: errors[a], reference: .normal,
        level: level)
    }
    guard let jointCovariance else { return table }
    for (g, name) in groups.enumerated() {
      let place = estimable.count + g
      table.append(
        .wald(
          term: name, estimate: frailties[g], standardError: jointCovariance[place, place].squareRoot(),
          reference: .normal, level: level))
    }
    return table
  }
}
