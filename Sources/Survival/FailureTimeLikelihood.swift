import Glibc
import LinearAlgebra

/// The log-likelihood of right-censored location–scale data in the form in which it is concave.
///
/// With α = 1/σ and γ = β/σ, z = α y − x'γ and
/// log L = Σ w [event (log α + log f(z)) + censored log S(z)], concave in (γ, α) jointly because the error densities are
/// log-concave, so that Newton's method cannot go astray. Burridge (1981), doi:10.1111/j.2517-6161.1981.tb01149.x.
struct FailureTimeLikelihood {
  let distribution: FailureDistribution
  /// Working columns, n × p.
  let x: Matrix
  /// The working response.
  let y: [Double]
  let isEvent: [Bool]
  let weights: [Double]?

  /// The likelihood and its derivatives at (γ, α), or at γ where the scale is fixed.
  func evaluate(_ parameters: [Double]) -> LikelihoodDerivatives {
    let n = x.rows
    let p = x.columns
    let free = !distribution.hasFixedScale
    let alpha = free ? parameters[p] : 1
    let size = p + (free ? 1 : 0)
    guard alpha > 0 else {
      return LikelihoodDerivatives(
        logLikelihood: -.infinity, score: parameters, information: Matrix(rows: size, columns: size))
    }
    let fitted = x * Array(parameters[..<p])
    var logLikelihood = 0.0
    var slopes = [Double](repeating: 0, count: n)
    var curvatures = slopes
    var events = 0.0
    for i in 0..<n {
      let w = weights?[i] ?? 1
      let z = alpha * y[i] - fitted[i]
      let term = isEvent[i] ? distribution.logDensity(z) : distribution.logSurvival(z)
      logLikelihood += w * term.value
      slopes[i] = w * term.slope
      curvatures[i] = -w * term.curvature
      if isEvent[i] { events += w }
    }
    logLikelihood += events * log(alpha)
    var score = x.transposedTimes(slopes).map { -$0 }
    let gram = x.gram(weights: curvatures)
    guard free else {
      return LikelihoodDerivatives(logLikelihood: logLikelihood, score: score, information: gram)
    }
    var information = Matrix(rows: size, columns: size)
    let cross = x.transposedTimes(zip(curvatures, y).map { $0 * $1 })
    var own = events / (alpha * alpha)
    for i in 0..<n { own += curvatures[i] * y[i] * y[i] }
    for a in 0..<p {
      for b in 0..<p { information[a, b] = gram[a, b] }
      information[a, p] = -cross[a]
      information[p, a] = -cross[a]
    }
    information[p, p] = own
    score.append(dot(slopes, y) + events / alpha)
    return LikelihoodDerivatives(logLikelihood: logLikelihood, score: score, information: information)
  }

  /// The derivatives of each row's log-likelihood by (β, log σ), and the observed information, at (γ, α).
  ///
  /// - Returns: scores n × (p + 1) (p where the scale is fixed), weights included, and the matching information.
  func naturalDerivatives(_ parameters: [Double]) -> (scores: Matrix, information: Matrix) {
    let n = x.rows
    let p = x.columns
    let free = !distribution.hasFixedScale
    let alpha = free ? parameters[p] : 1
    let fitted = x * Array(parameters[..<p])
    let size = p + (free ? 1 : 0)
    var scores = Matrix(rows: n, columns: size)
    var location = [Double](repeating: 0, count: n)
    var mixed = location
    var scale = 0.0
    for i in 0..<n {
      let w = weights?[i] ?? 1
      let z = alpha * y[i] - fitted[i]
      let term = isEvent[i] ? distribution.logDensity(z) : distribution.logSurvival(z)
      location[i] = -w * term.curvature * alpha * alpha
      mixed[i] = -w * (term.slope + z * term.curvature) * alpha
      scale -= w * (z * term.slope + z * z * term.curvature)
      for j in 0..<p { scores[i, j] = -w * term.slope * alpha * x[i, j] }
      if free { scores[i, p] = w * (-z * term.slope - (isEvent[i] ? 1 : 0)) }
    }
    let gram = x.gram(weights: location)
    guard free else { return (scores, gram) }
    let cross = x.transposedTimes(mixed)
    var information = Matrix(rows: size, columns: size)
    for a in 0..<p {
      for b in 0..<p { information[a, b] = gram[a, b] }
      information[a, p] = cross[a]
      information[p, a] = cross[a]
    }
    information[p, p] = scale
    return (scores, information)
  }
}
