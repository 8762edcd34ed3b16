import Glibc
import Inference
import LinearAlgebra
import Probability

/// Negative binomial regression with an unknown size θ: Var y = μ + μ²/θ (R `MASS::glm.nb`).
///
/// Scoring for the coefficients at a given θ alternates with Newton steps for θ at given means, until both stand still:
/// the two are orthogonal in expectation, so that few rounds are needed (Lawless, Canad. J. Statist. 15 (1987),
/// doi 10.2307/3314912). `glm.nb` stops the alternation at 1e-8 of the likelihood; here it goes on to 1e-11 of θ.
public struct NegativeBinomialModel: Sendable {
  /// The link: log, square root or identity.
  public var link: Link
  /// The limit of rounds.
  public var maximumRounds = 200

  /// Makes a model.
  ///
  /// - Throws: `RegressionError.unsuitableLink`.
  public init(link: Link = .log) throws(RegressionError) {
    _ = try GeneralisedLinearModel(family: .negativeBinomial(theta: 1), link: link)
    self.link = link
  }

  /// Fits the model.
  ///
  /// Where the counts vary no more than a Poisson model allows, θ grows without limit: the fit is then the Poisson one,
  /// with `theta` infinite and status `boundary`.
  ///
  /// - Throws: `RegressionError`; see `GeneralisedLinearModel.fit`.
  public func fit(_ data: RegressionData) throws(RegressionError) -> NegativeBinomialFit {
    let poisson = try GeneralisedLinearModel(family: .poisson, link: link).fit(data)
    guard poisson.status == .ok else {
      return NegativeBinomialFit(
        regression: poisson, theta: .nan, thetaStandardError: .nan, rounds: 0, isConverged: false)
    }
    let used = poisson.used
    var reduced = used
    reduced.design = poisson.estimableDesign
    reduced.columnNames = poisson.estimableColumns.map { used.columnNames[$0] }
    var means = poisson.means
    var beta = poisson.estimableColumns.map { poisson.coefficients[$0]! }
    var theta = Double.nan
    var rounds = 0
    var isConverged = false
    while rounds < maximumRounds {
      rounds += 1
      let equation = SizeEquation(response: used.response, means: means, weights: used.weights)
      guard let next = equation.solve(near: theta) else {
        return NegativeBinomialFit(
          regression: poisson, theta: .infinity, thetaStandardError: .nan, rounds: rounds,
          isConverged: true)
      }
      isConverged = abs(next - theta) <= 1e-11 * theta
      theta = next
      if isConverged { break }
      var model = try GeneralisedLinearModel(family: .negativeBinomial(theta: theta), link: link)
      model.detectsSeparation = false
      let optimum = try FisherScoring(model: model, data: reduced, start: beta).maximise()
      beta = optimum.coefficients.map { $0 ?? 0 }
      means = optimum.rows.mean
    }
    let final = try GeneralisedLinearModel(family: .negativeBinomial(theta: theta), link: link).fit(data)
    let information = SizeEquation(response: used.response, means: final.means, weights: used.weights)
      .information(theta)
    return NegativeBinomialFit(
      regression: final, theta: theta, thetaStandardError: 1 / information.squareRoot(), rounds: rounds,
      isConverged: isConverged)
  }
}

/// The likelihood equation of the size θ of a negative binomial distribution at given means.
struct SizeEquation {
  let response: [Double]
  let means: [Double]
  let weights: [Double]?

  /// d log L/dθ = Σ w [ψ(θ + y) − ψ(θ) − log(1 + μ/θ) + (μ − y)/(μ + θ)].
  func score(_ theta: Double) -> Double {
    var sum = 0.0
    for i in response.indices {
      let y = response[i]
      let mu = means[i]
      sum += (weights?[i] ?? 1) * (Self.digammaRise(theta, y) - log1p(mu / theta) + (mu - y) / (mu + theta))
    }
    return sum
  }

  /// −d² log L/dθ² = Σ w [ψ'(θ) − ψ'(θ + y) − 1/θ + 2/(μ + θ) − (y + θ)/(μ + θ)²], as `MASS::theta.ml` has it.
  func information(_ theta: Double) -> Double {
    var sum = 0.0
    for i in response.indices {
      let y = response[i]
      let total = means[i] + theta
      sum +=
        (weights?[i] ?? 1)
        * (Self.trigammaFall(theta, y) - 1 / theta + 2 / total - (y + theta) / (total * total))
    }
    return sum
  }

  /// The largest size tried: beyond it the variance differs from the mean by less than counts can show.
  private static let largest = 1e8

  /// The root; nil where the likelihood still rises at the largest size, so that there is no excess variance.
  ///
  /// - Parameter guess: a size nearby; NaN where none is known.
  func solve(near guess: Double) -> Double? {
    var low = 1e-8
    var high = Self.largest
    if score(high) >= 0 { return nil }
    var theta = guess.isFinite ? guess : momentEstimate
    theta = min(max(theta, 2 * low), high / 2)
    for _ in 0..<300 {
      let slope = score(theta)
      if slope > 0 { low = theta } else { high = theta }
      // A Newton step for log θ, where the likelihood is closer to a parabola.
      let curvature = information(theta) * theta * theta - slope * theta
      var next = curvature > 0 ? theta * exp(min(max(slope * theta / curvature, -3), 3)) : .nan
      if !(next > low && next < high) { next = (low * high).squareRoot() }
      let change = abs(next - theta)
      theta = next
      if change <= 1e-13 * theta || high - low <= 1e-14 * high { break }
    }
    return theta
  }

  /// Σw/Σw(y/μ − 1)², the start of `MASS::theta.ml`.
  private var momentEstimate: Double {
    var total = 0.0
    var spread = 0.0
    for i in response.indices {
      let w = weights?[i] ?? 1
      total += w
      spread += w * (response[i] / means[i] - 1) * (response[i] / means[i] - 1)
    }
    return spread > 0 ? total / spread : 1
  }

  /// ψ(θ + y) − ψ(θ); for a count the sum Σ 1/(θ + k), which keeps its digits at large θ.
  static func digammaRise(_ theta: Double, _ y: Double) -> Double {
    guard y <= 64, y == y.rounded() else {
      return SpecialFunctions.digamma(theta + y) - SpecialFunctions.digamma(theta)
    }
    return (0..<Int(y)).reduce(0) { $0 + 1 / (theta + Double($1)) }
  }

  /// ψ'(θ) − ψ'(θ + y).
  static func trigammaFall(_ theta: Double, _ y: Double) -> Double {
    guard y <= 64, y == y.rounded() else {
      return SpecialFunctions.trigamma(theta) - SpecialFunctions.trigamma(theta + y)
    }
    return (0..<Int(y)).reduce(0) { $0 + 1 / ((theta + Double($1)) * (theta + Double($1))) }
  }
}
