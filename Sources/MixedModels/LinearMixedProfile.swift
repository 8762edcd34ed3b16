import Glibc
import Inference
import LinearAlgebra
import Optimisation
import Probability

/// Profile-likelihood limits of a linear mixed model's parameters.
///
/// A limit is the value at which −2 log L, maximised over everything else, has risen by χ²₁(level) from its least. It is
/// the likelihood of ML also where the fit is REML, since restricted likelihoods with a coefficient held are not
/// comparable. R: `confint(lmer(…), method = "profile")`, which interpolates the same curve; Bates et al., J Stat Softw
/// 2015;67(1), section 5.1.
public struct LinearMixedProfile: Sendable {
  /// Two limits; nil where the parameter does not exist or the likelihood never falls so far.
  public struct Limits: Sendable, Equatable {
    public let low: Double?
    public let high: Double?
  }

  /// Limits of standard deviations and correlations, in the order of `LinearMixedFit.varianceComponents`.
  public let components: [Limits]
  /// Limits of the coefficients, one a design column.
  public let coefficients: [Limits]
}

extension LinearMixedModel {
  /// Finds the profile limits of all parameters.
  ///
  /// - Parameter level: the confidence level.
  /// - Throws: `MixedModelError` where the ML fit has no meaning.
  public func profile(level: Double = 0.95) throws(MixedModelError) -> LinearMixedProfile {
    var model = self
    model.estimation = .maximum
    let criterion = try model.criterion()
    let found = try LinearMixedOptimiser(criterion: criterion).optimise()
    let profiler = LinearMixedProfiler(
      criterion: criterion, theta: found.solution.theta, variance: found.solution.variance,
      deviance: found.record.objective, critical: ChiSquared(df: 1).quantile(1 - level, tail: .upper))
    return LinearMixedProfile(
      components: profiler.componentLimits(), coefficients: profiler.coefficientLimits())
  }
}

/// The search for profile limits around an ML fit.
private struct LinearMixedProfiler {
  let criterion: LinearMixedCriterion
  /// θ̂ and σ̂².
  let theta: [Double]
  let variance: Double
  /// The least −2 log L.
  let deviance: Double
  let critical: Double

  private typealias Limits = LinearMixedProfile.Limits

  private var newton: ProfileNewton {
    ProfileNewton(
      criterion: criterion, theta: theta, variance: variance, deviance: deviance, critical: critical)
  }

  // MARK: Coefficients

  func coefficientLimits() -> [LinearMixedProfile.Limits] {
    let basis = criterion.basis
    var result = [Limits](repeating: Limits(low: nil, high: nil), count: basis.columnCount)
    for (k, column) in basis.estimable.enumerated() {
      let a = basis.toEstimable.row(k)
      guard let (estimate, scale) = criterion.contrast(a, at: theta) else { continue }
      // β = A(Q'y + b): the part of least squares is known.
      let known = dot(a, basis.effects)
      let error = (variance * scale).squareRoot()
      func limit(_ side: ProfileLimit.Side) -> Double? {
        if let found = newton.limit(side, ofContrast: a) { return found + known }
        var start = theta
        let found = ProfileLimit.find(
          side, estimate: estimate, standardError: error, critical: critical
        ) { value in
          let (point, least) = minimum(
            from: start, lower: criterion.layout.lowerBounds, upper: nil, step: 0.1
          ) { criterion.deviance(at: $0, holding: a, at: value) }
          start = point
          return least - deviance
        }
        return found.map { $0 + known }
      }
      result[column] = Limits(low: limit(.lower), high: limit(.upper))
    }
    return result
  }

  private func minimum(
    from start: [Double], lower: [Double], upper: [Double]?, step: Double,
    _ objective: ([Double]) -> Double
  ) -> (point: [Double], value: Double) {
    let upper = upper ?? [Double](repeating: .infinity, count: start.count)
    var search = BOBYQA(lower: lower, upper: upper)
    search.relativeObjectiveTolerance = 0
    search.absoluteObjectiveTolerance = 1e-10
    search.absoluteParameterTolerance = 1e-7
    search.initialStep = [Double](repeating: step, count: start.count)
    // BOBYQA needs room of a step on either side of its start.
    let inside = start.indices.map { min(max(start[$0], lower[$0]), upper[$0]) }
    let record = search.minimise(from: inside, objective)
    return (record.solution, record.objective)
  }

  // MARK: Standard deviations and correlations

  func componentLimits() -> [LinearMixedProfile.Limits] {
    var result: [Limits] = []
    for (t, term) in criterion.layout.terms.enumerated() {
      let q = term.width
      for i in 0..<q { result.append(standardDeviation(t, i)) }
      for j in 0..<q {
        for i in (j + 1)..<max(q, j + 1) { result.append(correlation(t, j, i)) }
      }
    }
    result.append(residual())
    return result
  }

  private var sigma: Double { variance.squareRoot() }

  private func standardDeviation(_ t: Int, _ i: Int) -> Limits {
    let order = [i] + (0..<criterion.layout.terms[t].width).filter { $0 != i }
    let point = VarianceScale(criterion.layout, theta: theta, sigma: sigma, orders: [t: order])
    let place = point.firstPlace(ofTerm: t)
    let levels = Double(criterion.layout.blocks[criterion.layout.terms[t].block].levels.count)
    let estimate = point.values[place]
    let guess = max(estimate, 0.05 * point.unit(place)) / (2 * levels).squareRoot()
    return limits(point, orders: [t: order], place, guess: guess, range: 0...Double.infinity)
  }

  private func correlation(_ t: Int, _ j: Int, _ i: Int) -> Limits {
    let q = criterion.layout.terms[t].width
    let order = [j, i] + (0..<q).filter { $0 != i && $0 != j }
    let point = VarianceScale(criterion.layout, theta: theta, sigma: sigma, orders: [t: order])
    let first = point.firstPlace(ofTerm: t)
    guard point.values[first] > 0, point.values[first + 1] > 0 else { return Limits(low: nil, high: nil) }
    let place = first + q
    let levels = Double(criterion.layout.blocks[criterion.layout.terms[t].block].levels.count)
    let r = point.values[place]
    return limits(
      point, orders: [t: order], place, guess: max(1 - r * r, 0.05) / levels.squareRoot(), range: -1...1)
  }

  private func residual() -> Limits {
    let point = VarianceScale(criterion.layout, theta: theta, sigma: sigma, orders: [:])
    let free = Double(max(criterion.observationCount - criterion.basis.rank, 1))
    return limits(
      point, orders: [:], point.values.count - 1, guess: sigma / (2 * free).squareRoot(),
      range: 0...Double.infinity)
  }

  /// The limits of one parameter, the others free.
  private func limits(
    _ point: VarianceScale, orders: [Int: [Int]], _ place: Int, guess: Double, range: ClosedRange<Double>
  ) -> Limits {
    let free = point.values.indices.filter { $0 != place }
    func rise(_ value: Double, _ start: inout [Double]) -> Double {
      guard range.contains(value), value > 0 || place != point.values.count - 1 else { return .infinity }
      let (found, least) = minimum(
        from: start, lower: free.map(point.lower), upper: free.map(point.upper), step: 0.1
      ) { scaled in
        var moved = point
        moved.values[place] = value
        for (k, x) in zip(free, scaled) { moved.values[k] = x * point.unit(k) }
        let (theta, sigma) = moved.parameters(criterion.layout)
        return criterion.deviance(at: theta, variance: sigma * sigma)
      }
      start = found
      return least - deviance
    }
    func limit(_ side: ProfileLimit.Side) -> Double? {
      let found = newton.limit(side) { theta, sigma in
        VarianceScale(criterion.layout, theta: theta, sigma: sigma, orders: orders).values[place]
      }
      if let found { return found }
      let origin = free.map { point.values[$0] / point.unit($0) }
      var start = origin
      let end = side == .lower ? range.lowerBound : range.upperBound
      // A variance may be as small as zero and a correlation as large as one for all the likelihood says.
      if end.isFinite {
        if abs(point.values[place] - end) < 1e-10 { return end }
        let atEnd = rise(end, &start)
        if atEnd < critical { return end }
        start = origin
      }
      return ProfileLimit.find(
        side, estimate: point.values[place], standardError: guess, critical: critical
      ) { rise($0, &start) }
    }
    return Limits(low: limit(.lower), high: limit(.upper))
  }
}
