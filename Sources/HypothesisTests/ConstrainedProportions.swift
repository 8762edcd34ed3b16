import Glibc

/// The scale on which two proportions are compared.
enum ContrastScale: Sendable {
  /// p₁ − p₂.
  case difference
  /// p₁/p₂.
  case ratio
  /// p₁(1 − p₂)/(p₂(1 − p₁)).
  case odds
}

/// Two proportions and their complements, each to full relative precision.
struct ProportionPair {
  var p1: Double
  var q1: Double
  var p2: Double
  var q2: Double
}

extension TwoProportions {
  /// The maximum likelihood estimates of (p₁, p₂) under a given contrast θ.
  ///
  /// Closed forms of Miettinen & Nurminen, Comparative analysis of two rates, Stat Med 1985;4:213,
  /// doi 10.1002/sim.4780040211, appendices: a cubic in p₂ for the difference, quadratics for the two ratios. The
  /// cubic's root gets two Newton steps, because the trigonometric form loses digits where two roots nearly meet.
  func constrained(_ scale: ContrastScale, _ theta: Double) -> ProportionPair {
    switch scale {
    case .difference:
      let p = constrainedDifference(theta)
      return ProportionPair(p1: p.p1, q1: 1 - p.p1, p2: p.p2, q2: 1 - p.p2)
    case .ratio:
      // (n₁+n₂)φ p₂² − (n₁φ + x₁ + n₂ + x₂φ) p₂ + (x₁+x₂) = 0, the smaller root.
      let a = (n1 + n2) * theta
      let b = n1 * theta + x1 + n2 + x2 * theta
      let root = max(0, b * b - 4 * a * (x1 + x2)).squareRoot()
      let p2 = min(1, 2 * (x1 + x2) / (b + root))
      let p1 = min(1, theta * p2)
      return ProportionPair(p1: p1, q1: 1 - p1, p2: p2, q2: 1 - p2)
    case .odds:
      let p2 = constrainedOdds(events: x1 + x2, theta)
      // Exchanging events and non-events turns ψ into 1/ψ: so the complement keeps its digits where p₂ is close to 1.
      let q2 = constrainedOdds(events: n1 + n2 - x1 - x2, 1 / theta)
      let sum = q2 + theta * p2
      return ProportionPair(p1: theta * p2 / sum, q1: q2 / sum, p2: p2, q2: q2)
    }
  }

  /// The root in [0, 1] of n₂(ψ−1) p² + (n₁ψ + n₂ − m(ψ−1)) p − m = 0, m the number of events.
  private func constrainedOdds(events m: Double, _ psi: Double) -> Double {
    let a = n2 * (psi - 1)
    let b = n1 * psi + n2 - m * (psi - 1)
    let root = max(0, b * b + 4 * a * m).squareRoot()
    return min(1, b >= 0 ? 2 * m / (b + root) : (root - b) / (2 * a))
  }

  private func constrainedDifference(_ delta: Double) -> (p1: Double, p2: Double) {
    let n = n1 + n2
    let events = x1 + x2
    let l3 = n
    let l2 = (n1 + 2 * n2) * delta - n - events
    let l1 = (n2 * delta - n - 2 * x2) * delta + events
    let l0 = x2 * delta * (1 - delta)
    let shift = l2 / (3 * l3)
    let q = shift * shift * shift - l1 * l2 / (6 * l3 * l3) + l0 / (2 * l3)
    let magnitude = max(0, shift * shift - l1 / (3 * l3)).squareRoot()
    let p = q < 0 ? -magnitude : magnitude
    let cosine = p == 0 ? 0 : max(-1, min(1, q / (p * p * p)))
    var p2 = 2 * p * cos((Double.pi + acos(cosine)) / 3) - shift
    let floor = max(0, -delta)
    let ceiling = min(1, 1 - delta)
    for _ in 0..<2 {
      let value = ((l3 * p2 + l2) * p2 + l1) * p2 + l0
      let slope = (3 * l3 * p2 + 2 * l2) * p2 + l1
      let better = p2 - value / slope
      // Near a double root the step is noise; a true correction is tiny.
      guard better.isFinite, abs(better - p2) < 1e-6 else { break }
      p2 = better
    }
    p2 = min(max(p2, floor), ceiling)
    return (min(max(p2 + delta, 0), 1), p2)
  }

  /// The signed score statistic of H₀: contrast = θ; positive where the observed contrast lies above θ.
  ///
  /// difference: (p̂₁ − p̂₂ − δ)/√(k Σ p̃q̃/n); ratio: (p̂₁ − φp̂₂)/√(k(p̃₁q̃₁/n₁ + φ²p̃₂q̃₂/n₂));
  /// odds: n₁(p̂₁ − p̃₁)√((1/(n₁p̃₁q̃₁) + 1/(n₂p̃₂q̃₂))/k). k = N/(N−1) with Miettinen and Nurminen, 1 without.
  func scoreStatistic(_ scale: ContrastScale, _ theta: Double, correction k: Double) -> Double {
    let p = constrained(scale, theta)
    let v1 = p.p1 * p.q1
    let v2 = p.p2 * p.q2
    let numerator: Double
    let scaled: Double
    switch scale {
    case .difference:
      numerator = p1 - p2 - theta
      scaled = numerator / (k * (v1 / n1 + v2 / n2)).squareRoot()
    case .ratio:
      numerator = p1 - theta * p2
      scaled = numerator / (k * (v1 / n1 + theta * theta * v2 / n2)).squareRoot()
    case .odds:
      numerator = p1 - p.p1
      scaled = numerator * n1 * ((1 / (n1 * v1) + 1 / (n2 * v2)) / k).squareRoot()
    }
    // 0/0: the data are exactly what θ demands.
    return numerator == 0 ? 0 : scaled
  }

  /// Miettinen and Nurminen's variance factor N/(N − 1).
  var sampleSizeCorrection: Double { (n1 + n2) / (n1 + n2 - 1) }

  /// The log-likelihood at given proportions, without the binomial coefficients.
  func logLikelihood(_ p: ProportionPair) -> Double {
    func part(_ x: Double, _ p: Double) -> Double { x > 0 ? x * log(p) : 0 }
    return part(x1, p.p1) + part(n1 - x1, p.q1) + part(x2, p.p2) + part(n2 - x2, p.q2)
  }

  /// The largest log-likelihood, at the observed proportions.
  var maximumLogLikelihood: Double {
    logLikelihood(ProportionPair(p1: p1, q1: (n1 - x1) / n1, p2: p2, q2: (n2 - x2) / n2))
  }
}
