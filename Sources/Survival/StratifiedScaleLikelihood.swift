import Glibc
import LinearAlgebra

/// The log-likelihood of right-censored location–scale data with a scale for each stratum, in (β, log σ_1, …, log σ_S).
///
/// With z = (y − x'β)/σ_s: log L = Σ w [event (log f(z) − log σ_s) + censored log S(z)]. With scales that differ it is no
/// longer concave jointly, so that Newton's method starts from the fit with one scale and a matrix that is not positive
/// definite is lifted until it is.
struct StratifiedScaleLikelihood {
  let distribution: FailureDistribution
  /// Working columns, n × p.
  let x: Matrix
  /// The working response.
  let y: [Double]
  let isEvent: [Bool]
  let weights: [Double]?
  let stratum: [Int32]
  let stratumCount: Int

  /// The derivatives at (β, log σ), for Newton's method.
  func evaluate(_ parameters: [Double]) -> LikelihoodDerivatives {
    let (logLikelihood, scores, information) = derivatives(parameters)
    let ones = [Double](repeating: 1, count: x.rows)
    return LikelihoodDerivatives(
      logLikelihood: logLikelihood, score: scores.transposedTimes(ones), information: lifted(information))
  }

  /// log L, each row's derivatives by (β, log σ), weights included, and the observed information.
  func derivatives(_ parameters: [Double]) -> (logLikelihood: Double, scores: Matrix, information: Matrix) {
    let n = x.rows
    let p = x.columns
    let size = p + stratumCount
    let fitted = x * Array(parameters[..<p])
    var logLikelihood = 0.0
    var scores = Matrix(rows: n, columns: size)
    var location = [Double](repeating: 0, count: n)
    var mixed = location
    var information = Matrix(rows: size, columns: size)
    for i in 0..<n {
      let w = weights?[i] ?? 1
      let s = p + Int(stratum[i])
      let sigma = exp(parameters[s])
      let z = (y[i] - fitted[i]) / sigma
      let term = isEvent[i] ? distribution.logDensity(z) : distribution.logSurvival(z)
      let event = isEvent[i] ? 1.0 : 0
      logLikelihood += w * (term.value - event * parameters[s])
      location[i] = -w * term.curvature / (sigma * sigma)
      mixed[i] = -w * (term.slope + z * term.curvature) / sigma
      information[s, s] -= w * (z * term.slope + z * z * term.curvature)
      for j in 0..<p { scores[i, j] = -w * term.slope * x[i, j] / sigma }
      scores[i, s] = w * (-z * term.slope - event)
    }
    let gram = x.gram(weights: location)
    for a in 0..<p {
      for b in 0..<p { information[a, b] = gram[a, b] }
      for i in 0..<n { information[a, p + Int(stratum[i])] += mixed[i] * x[i, a] }
      for s in p..<size { information[s, a] = information[a, s] }
    }
    return (logLikelihood, scores, information)
  }

  private func lifted(_ information: Matrix) -> Matrix {
    guard information.isFinite else { return information }
    var lifted = information
    var share = 1e-3
    while (try? CholeskyFactor(of: lifted)) == nil, share < 1e6 {
      lifted = information
      for a in 0..<lifted.rows { lifted[a, a] += share * max(1, abs(information[a, a])) }
      share *= 10
    }
    return lifted
  }
}
