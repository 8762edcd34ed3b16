import Glibc

/// The likelihood of binary rows with logit link and one random intercept a level, without an exponential or a logarithm
/// a row inside the search for the modes or the quadrature.
///
/// All linear predictors of a level shift alike, so that e^(ηᵢ + s) = e^ηᵢ e^s: the rows' exponentials are taken once an
/// evaluation, each Newton step and each quadrature point takes one exponential for its shift, and Σ log(1 + e^η) is the
/// logarithm of a product. Rows of a level are padded to a multiple of four with odds of zero, which change nothing, and
/// four are worked on at a time. It is the general method (`MarginalLikelihood`) for the model that monthly or weekly
/// yes-or-no outcomes of people ask for.
struct RandomInterceptLogit {
  private typealias Four = SIMD4<Double>

  /// The rows of a level in the structure's order, and their padded fours.
  private struct Level {
    let rows: Range<Int>
    let fours: Range<Int>
    /// The level's design value and Σ y.
    let z: Double
    let successes: Double
    /// Odds so small that the product of 1 + odds over all rows stays below 1e280.
    let limit: Double
  }

  private let levels: [Level]
  private let response: [Double]
  private var odds: [Four]
  /// The largest odds of each level.
  private var largestOdds: [Double]
  private var mean: [Four]
  private var information: [Four]
  private var averageMean: [Four]
  private var averagePull: [Four]
  private var shares: [Double]

  /// Takes up the data; nil where they are of another kind.
  init?(_ structure: LatentStructure, _ likelihood: FamilyLikelihood) {
    guard likelihood.family == .binomial(.logit), structure.q == 1, structure.restWidth == 0,
      likelihood.weights.allSatisfy({ $0 == 1 })
    else { return nil }
    var levels: [Level] = []
    var place = 0
    var widest = 0
    for leaf in structure.leaves {
      let z = structure.leafDesign[leaf.rows.lowerBound]
      guard leaf.rows.allSatisfy({ structure.leafDesign[$0] == z }) else { return nil }
      let count = (leaf.rows.count + 3) / 4
      var successes = 0.0
      for i in leaf.rows { successes += likelihood.response[i] }
      levels.append(
        Level(
          rows: leaf.rows, fours: place..<(place + count), z: z, successes: successes,
          limit: pow(10, 70 / Double(count))))
      place += count
      widest = max(widest, count)
    }
    self.levels = levels
    response = likelihood.response
    odds = [Four](repeating: .zero, count: place)
    largestOdds = [Double](repeating: 0, count: levels.count)
    mean = [Four](repeating: .zero, count: widest)
    information = mean
    averageMean = mean
    averagePull = mean
    shares = []
  }

  /// What one evaluation adds up.
  struct Sums {
    var value = 0.0
    /// ∂(−log L)/∂Λ.
    var slope = 0.0
  }

  /// −log L less its constant, and on request its gradient.
  ///
  /// - Parameters:
  ///   - eta: the fixed part of every row's linear predictor.
  ///   - lambda: Λ.
  ///   - rule: the quadrature; Laplace's approximation where there is none.
  ///   - modes: û of every level: the start, overwritten by what is found.
  ///   - rowWeight: on request the derivative in every row's fixed part.
  /// - Returns: nil where a linear predictor is too large for products of odds; the general method takes it.
  mutating func evaluate(
    eta: [Double], lambda: Double, rule: QuadratureRule?, modes: inout [Double],
    rowWeight: inout [Double], wantsGradient: Bool
  ) -> Sums? {
    var sums = Sums()
    guard prepare(eta, &sums.value) else { return nil }
    if let rule, shares.count != rule.points.count {
      shares = [Double](repeating: 0, count: rule.points.count)
    }
    for index in levels.indices {
      let level = levels[index]
      let scale = lambda * level.z
      guard let mode = self.mode(level, scale: scale, start: modes[index]) else { return nil }
      modes[index] = mode
      let moved: (value: Double, weight: Double)
      if let rule {
        guard
          let found = quadrature(
            index, scale: scale, mode: mode, rule, rowWeight: &rowWeight, wantsGradient: wantsGradient)
        else { return nil }
        moved = found
      } else {
        guard
          let found = laplace(
            index, scale: scale, mode: mode, rowWeight: &rowWeight, wantsGradient: wantsGradient)
        else { return nil }
        moved = found
      }
      sums.value += moved.value
      sums.slope += level.z * moved.weight
    }
    return sums
  }

  /// Takes the rows' odds and subtracts Σ yη; false where one is out of range.
  private mutating func prepare(_ eta: [Double], _ value: inout Double) -> Bool {
    var inRange = true
    var linear = 0.0
    odds.withUnsafeMutableBytes { raw in
      let odds = raw.bindMemory(to: Double.self)
      eta.withUnsafeBufferPointer { eta in
        response.withUnsafeBufferPointer { y in
          for index in levels.indices {
            var k = 4 * levels[index].fours.lowerBound
            var largest = 0.0
            for i in levels[index].rows {
              if !(abs(eta[i]) < 200) { inRange = false }
              linear += y[i] * eta[i]
              let e = exp(eta[i])
              odds[k] = e
              if e > largest { largest = e }
              k += 1
            }
            largestOdds[index] = largest
          }
        }
      }
    }
    value -= linear
    return inRange
  }

  /// û: the root of u − σ Σ(y − μ), which rises in u, by Newton's method kept inside a bracket.
  private func mode(_ level: Level, scale: Double, start: Double) -> Double? {
    var u = start
    var low = -Double.infinity
    var high = Double.infinity
    for _ in 0..<200 {
      guard abs(scale * u) < 200 else { return nil }
      let factor = Four(repeating: exp(scale * u))
      var means = Four.zero
      var informations = Four.zero
      odds.withUnsafeBufferPointer { odds in
        for k in level.fours {
          let e = odds[k] * factor
          let inverse = 1 / (1 + e)
          let mu = e * inverse
          means += mu
          informations += mu * inverse
        }
      }
      let gradient = u - scale * (level.successes - Self.total(means))
      if gradient > 0 { high = u } else { low = u }
      let step = -gradient / (1 + scale * scale * Self.total(informations))
      guard step.isFinite else { return nil }
      var next = u + step
      if next <= low || next >= high {
        if low.isFinite, high.isFinite, abs(step) > 1e-9 { next = (low + high) / 2 }
      }
      u = next
      // Newton's method squares the error.
      if abs(step) < 1e-7 { return u }
    }
    return nil
  }

  /// Fills μ and the information of a level's rows at a shift, and gives their sums.
  private mutating func evaluateRows(_ level: Level, shift: Double) -> (mean: Double, information: Double) {
    let factor = Four(repeating: exp(shift))
    var means = Four.zero
    var informations = Four.zero
    odds.withUnsafeBufferPointer { odds in
      mean.withUnsafeMutableBufferPointer { mean in
        information.withUnsafeMutableBufferPointer { information in
          for j in 0..<level.fours.count {
            let e = odds[level.fours.lowerBound + j] * factor
            let inverse = 1 / (1 + e)
            let mu = e * inverse
            mean[j] = mu
            information[j] = mu * inverse
            means += mu
            informations += mu * inverse
          }
        }
      }
    }
    return (Self.total(means), Self.total(informations))
  }

  /// Σ log(1 + e^η) over a level's rows with odds multiplied by a factor.
  @inline(__always)
  private func logProduct(_ index: Int, factor: Double) -> Double {
    let level = levels[index]
    let isSmall = 1 + largestOdds[index] * factor < level.limit
    return odds.withUnsafeBufferPointer { odds in
      let factor = Four(repeating: factor)
      var product = Four(repeating: 1)
      if isSmall {
        for k in level.fours { product *= 1 + odds[k] * factor }
        return log(product[0] * product[1] * product[2] * product[3])
      }
      // A factor is below e^400, which leaves no room for products.
      var logs = 0.0
      for k in level.fours {
        let one = 1 + odds[k] * factor
        logs += log(one[0]) + log(one[1]) + log(one[2]) + log(one[3])
      }
      return logs
    }
  }

  @inline(__always)
  private static func total(_ x: Four) -> Double { (x[0] + x[1]) + (x[2] + x[3]) }

  /// Laplace's approximation of one level, as `MarginalLikelihood.addGradient` has it for one effect.
  private mutating func laplace(
    _ index: Int, scale: Double, mode u: Double, rowWeight: inout [Double], wantsGradient: Bool
  ) -> (value: Double, weight: Double)? {
    let level = levels[index]
    guard abs(scale * u) < 200 else { return nil }
    let sums = evaluateRows(level, shift: scale * u)
    let omega = 1 + scale * scale * sums.information
    let value =
      logProduct(index, factor: exp(scale * u)) - scale * u * level.successes + u * u / 2 + log(omega) / 2
    guard wantsGradient else { return (value, 0) }
    let variance = scale * scale / omega
    var cubic = 0.0
    for j in 0..<level.fours.count { cubic += Self.total(information[j] * (1 - 2 * mean[j])) }
    let pull = variance * cubic / 2
    let w = scale * pull / omega
    let a = scale * w
    writeWeights(level, &rowWeight) { j in
      information[j] * (variance / 2 * (1 - 2 * mean[j]) - a) + mean[j]
    }
    let score = level.successes - sums.mean
    return (value, sums.information * scale / omega + u * (pull - score - sums.information * a) + score * w)
  }

  /// Writes the derivative in every row's fixed part: what `weight` gives for a four, less the response.
  @inline(__always)
  private func writeWeights(_ level: Level, _ rowWeight: inout [Double], _ weight: (Int) -> Four) {
    rowWeight.withUnsafeMutableBufferPointer { out in
      response.withUnsafeBufferPointer { y in
        var i = level.rows.lowerBound
        for j in 0..<level.fours.count {
          let values = weight(j)
          for lane in 0..<min(4, level.rows.upperBound - i) {
            out[i] = values[lane] - y[i]
            i += 1
          }
        }
      }
    }
  }

  /// Adaptive Gauss–Hermite quadrature of one level, as `MarginalLikelihood.addScalarGradient` has it.
  private mutating func quadrature(
    _ index: Int, scale: Double, mode: Double, _ rule: QuadratureRule, rowWeight: inout [Double],
    wantsGradient: Bool
  ) -> (value: Double, weight: Double)? {
    let level = levels[index]
    guard abs(scale * mode) < 200 else { return nil }
    let sums = evaluateRows(level, shift: scale * mode)
    let omega = 1 + scale * scale * sums.information
    let spread = 1 / omega.squareRoot()
    var largest = -Double.infinity
    for k in rule.points.indices {
      let u = mode + rule.points[k][0] * spread
      guard abs(scale * u) < 200 else { return nil }
      let objective = logProduct(index, factor: exp(scale * u)) - scale * u * level.successes + u * u / 2
      shares[k] = rule.logWeights[k] - objective
      largest = max(largest, shares[k])
    }
    var total = 0.0
    for k in rule.points.indices {
      shares[k] = exp(shares[k] - largest)
      total += shares[k]
    }
    let value = log(omega) / 2 + log(Double.pi) / 2 - largest - log(total)
    guard value.isFinite else { return nil }
    guard wantsGradient else { return (value, 0) }
    return (
      value,
      quadratureWeight(
        level, scale: scale, mode: mode, rule, omega: omega, total: total, rowWeight: &rowWeight)
    )
  }

  /// The gradient of a level's quadrature: fills the rows' weights and returns the derivative in Λ over z.
  private mutating func quadratureWeight(
    _ level: Level, scale: Double, mode: Double, _ rule: QuadratureRule, omega: Double, total: Double,
    rowWeight: inout [Double]
  ) -> Double {
    let spread = 1 / omega.squareRoot()
    let n = level.fours.count
    for j in 0..<n {
      averageMean[j] = .zero
      averagePull[j] = .zero
    }
    var withMode = 0.0
    var withOmega = 0.5 / omega
    var pullOfResponse = 0.0
    for k in rule.points.indices {
      let p = shares[k] / total
      // What a point of so small a share adds is below rounding.
      guard p > 1e-17 else { continue }
      let u = mode + rule.points[k][0] * spread
      let factor = Four(repeating: exp(scale * u))
      var means = Four.zero
      odds.withUnsafeBufferPointer { odds in
        averageMean.withUnsafeMutableBufferPointer { average in
          averagePull.withUnsafeMutableBufferPointer { pull in
            let share = Four(repeating: p)
            let shareOfEffect = Four(repeating: p * u)
            for j in 0..<n {
              let e = odds[level.fours.lowerBound + j] * factor
              let mu = e / (1 + e)
              means += mu
              average[j] += share * mu
              pull[j] += shareOfEffect * mu
            }
          }
        }
      }
      let slope = u - scale * (level.successes - Self.total(means))
      withMode += p * slope
      withOmega -= p * slope * rule.points[k][0] / (2 * omega * omega.squareRoot())
      pullOfResponse += p * u
    }
    var cubic = 0.0
    var informations = 0.0
    var meanPull = 0.0
    var means = 0.0
    for j in 0..<n {
      cubic += Self.total(information[j] * (1 - 2 * mean[j]))
      informations += Self.total(information[j])
      meanPull += Self.total(averagePull[j])
      means += Self.total(mean[j])
    }
    let square = scale * scale
    let pulled = (withMode + withOmega * square * scale * cubic) / omega
    writeWeights(level, &rowWeight) { j in
      averageMean[j] + information[j] * (withOmega * square * (1 - 2 * mean[j]) - pulled * scale)
    }
    let weights = withOmega * square * cubic - pulled * scale * informations
    return weights * mode - (level.successes * pullOfResponse - meanPull)
      + 2 * withOmega * scale * informations + pulled * (level.successes - means)
  }
}
