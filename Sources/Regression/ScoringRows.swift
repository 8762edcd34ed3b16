import Glibc
import LinearAlgebra
import Probability

/// What one row adds to a pass of Fisher scoring: mean, slope, working weight, and the sums over rows.
///
/// With m = dμ/dη and prior weight w: working weight W = w m²/V(μ), pull W(y − μ)/m.
struct ScoringRows {
  /// Which formulas serve the rows.
  enum Kind: Sendable {
    /// Any family and link.
    case general
    /// 0 or 1 with a logistic mean and no weights: one exponential a row, and a logarithm a chunk.
    case bernoulliLogit
    /// Small counts with a log-linear mean and no weights: one exponential a row, logarithms of y from a table.
    case poissonLog
  }

  /// Sums over rows.
  struct Sums {
    var deviance = 0.0
    var pearson = 0.0
    /// The least of the terms of `pearson`.
    var leastPearson = Double.infinity
    var size = 0.0
    var isValid = true

    /// Adds a row's w (y − μ)²/V(μ).
    @inline(__always)
    mutating func add(pearson term: Double) {
      pearson += term
      leastPearson = term < leastPearson ? term : leastPearson
    }
  }

  let family: Family
  let link: Link
  let kind: Kind

  /// Chooses the formulas for a response.
  init(family: Family, link: Link, response: [Double], weights: [Double]?) {
    self.family = family
    self.link = link
    switch (family, link) {
    case (.binomial, .logit) where weights == nil, (.quasibinomial, .logit) where weights == nil:
      kind = response.allSatisfy { $0 == 0 || $0 == 1 } ? .bernoulliLogit : .general
    case (.poisson, .log) where weights == nil, (.quasipoisson, .log) where weights == nil:
      kind = response.allSatisfy(SmallCounts.contains) ? .poissonLog : .general
    default: kind = .general
    }
  }

  /// Works through a chunk of rows.
  ///
  /// - Parameters:
  ///   - eta: the linear predictors, `count` values; so are the rest.
  ///   - response: y.
  ///   - prior: w; nil for 1 each.
  ///   - offset: the part of η that is no coefficient's; nil for 0.
  ///   - weights: room for W.
  ///   - target: room for W(y − μ)/m, or at the start W(η − offset + (y − μ)/m).
  func score(
    count: Int, eta: UnsafePointer<Double>, response: UnsafePointer<Double>, prior: UnsafePointer<Double>?,
    offset: UnsafePointer<Double>?, isStart: Bool, weights: UnsafeMutablePointer<Double>,
    target: UnsafeMutablePointer<Double>
  ) -> Sums {
    var sums: Sums
    switch kind {
    case .general: sums = general(count, eta, response, prior, weights, target)
    case .bernoulliLogit: sums = bernoulliLogit(count, eta, response, weights, target)
    case .poissonLog: sums = poissonLog(count, eta, response, weights, target)
    }
    for i in 0..<count {
      let linear = eta[i] - (offset?[i] ?? 0)
      let weighted = weights[i] * linear
      sums.size += weighted * linear
      if isStart { target[i] += weighted }
    }
    return sums
  }

  private func general(
    _ count: Int, _ eta: UnsafePointer<Double>, _ response: UnsafePointer<Double>,
    _ prior: UnsafePointer<Double>?, _ weights: UnsafeMutablePointer<Double>,
    _ target: UnsafeMutablePointer<Double>
  ) -> Sums {
    let family = family
    let link = link
    var sums = Sums()
    for i in 0..<count {
      let (mean, slope) = link.meanAndSlope(of: eta[i])
      guard family.isValid(mean) else {
        sums.isValid = false
        return sums
      }
      let y = response[i]
      let w = prior?[i] ?? 1
      let variance = family.variance(mean)
      weights[i] = w * slope * slope / variance
      // W r, formed without the slope in a denominator: far out both underflow.
      target[i] = w * slope * (y - mean) / variance
      sums.deviance += w * family.unitDeviance(y, mean)
      sums.add(pearson: w * (y - mean) * (y - mean) / variance)
    }
    return sums
  }

  /// V(μ) = dμ/dη, so that W = m and W r = y − μ; and −log μ = log(1 + e⁻|η|) + max(−η, 0).
  ///
  /// The logarithms of 1 + e⁻|η| are taken of their product, each factor between 1 and 2; where one is so near to 1 that
  /// it would lose digits, its logarithm is e − e²/2.
  private func bernoulliLogit(
    _ count: Int, _ eta: UnsafePointer<Double>, _ response: UnsafePointer<Double>,
    _ weights: UnsafeMutablePointer<Double>, _ target: UnsafeMutablePointer<Double>
  ) -> Sums {
    var sums = Sums()
    var logarithm = 0.0
    var first = 0
    while first < count {
      // A product of at most 512 factors of at most 2 is below the largest double.
      let last = min(first + 512, count)
      var product = 1.0
      for i in first..<last {
        // Beyond ±36 the probability equals 0 or 1 in double precision.
        let bounded = min(max(eta[i], -36), 36)
        let e = exp(-abs(bounded))
        let larger = 1 / (1 + e)
        let smaller = e * larger
        let mean = bounded < 0 ? smaller : larger
        let slope = smaller * larger
        let pull = response[i] - mean
        weights[i] = slope
        target[i] = pull
        sums.add(pearson: pull * pull / slope)
        // The margin by which the linear predictor is on the wrong side.
        logarithm += max(response[i] == 0 ? bounded : -bounded, 0)
        if e > 1e-6 { product *= 1 + e } else { logarithm += e - e * e / 2 }
      }
      logarithm += log(product)
      first = last
    }
    sums.deviance = 2 * logarithm
    return sums
  }

  /// V(μ) = dμ/dη = μ, so that W = μ and W r = y − μ; and log μ = η.
  private func poissonLog(
    _ count: Int, _ eta: UnsafePointer<Double>, _ response: UnsafePointer<Double>,
    _ weights: UnsafeMutablePointer<Double>, _ target: UnsafeMutablePointer<Double>
  ) -> Sums {
    var sums = Sums()
    SmallCounts.logarithms.withUnsafeBufferPointer { logarithms in
      for i in 0..<count {
        let bounded = max(eta[i], -36)
        let mean = exp(bounded)
        guard mean.isFinite else {
          sums.isValid = false
          return
        }
        let y = response[i]
        weights[i] = mean
        target[i] = y - mean
        sums.add(pearson: (y - mean) * (y - mean) / mean)
        sums.deviance += 2 * (y * (logarithms[Int(y)] - bounded) - (y - mean))
      }
    }
    return sums
  }
}

/// Counts so small that a table holds their logarithms and those of their factorials.
enum SmallCounts {
  /// log y; 0 for 0, which is multiplied by 0.
  static let logarithms = (0..<64).map { $0 == 0 ? 0 : log(Double($0)) }
  /// log y!.
  static let logFactorials = (0..<64).map { SpecialFunctions.logGamma(Double($0) + 1) }

  /// True for whole numbers from 0 to 63.
  static func contains(_ y: Double) -> Bool { y >= 0 && y < 64 && y == y.rounded() }
}
